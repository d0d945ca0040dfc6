/**
 * The task of a model that tells which of its own classes a picture shows, and that of a bare one, which gives embeddings.
 * Shared by the families of encoders of pictures; knows none of them.
 */
import type { ImageProcessor } from '../../image/processor.ts';
import type { ImageValue, ScoresValue } from '../../protocol/value.ts';
import { isExclusive, readLabels } from '../blocks/labels.ts';
import { firstRows } from '../blocks/rows.ts';
import type { PictureEncoder } from '../towers/dual-encoder.ts';
import type { PictureTower } from '../towers/picture-tower.ts';
import type { LoadedFamily, TaskSources } from './family.ts';
import { embeddingRows } from './look.ts';
import { probabilities } from './ranking.ts';
import type { TaskOptions, Tasks } from './task.ts';
import { imageFeatures } from './tower-features.ts';

/** As many as the hub's pipeline tells. */
const MOST_LABELS = 5;

/** What makes one row of each picture, [batch, dim]. */
interface Embedder extends Pick<PictureEncoder, 'embed'> {
  readonly dim: number;
}

/**
 * `model` gives logits [batch, classes]; `embedder` what it reads to tell them, where that is one row. Rejects with
 * `model/bad-config` for classes without names, and as reading the image processor.
 */
export async function loadedImageClassifier(
  { checkpoint, imageProcessor }: TaskSources,
  model: PictureEncoder,
  embedder?: Embedder,
): Promise<LoadedFamily> {
  const labels = readLabels(checkpoint.config);
  const kind = isExclusive(checkpoint.config, labels.length) ? 'softmax' : 'sigmoid';
  const processor = await imageProcessor();
  const { tasks, ...embedding } = embedder === undefined ? { tasks: {} } : embeddingTask(embedder, processor);
  return {
    tasks: {
      ...tasks,
      async 'image-classification'({ image }, { signal }: TaskOptions = {}) {
        const { pixelValues, shape } = await processor.processBatch([image], { signal });
        const logits = await model.embed({ data: pixelValues, shape }, { signal });
        return bestLabels(labels, await probabilities(logits, kind, { signal }), image);
      },
    },
    ...embedding,
    bytes: model.bytes,
    features: imageFeatures(model, processor),
    release: () => model.release(),
  };
}

/** `model` gives embeddings [batch, dim]. Rejects as reading the image processor. */
export async function loadedImageEmbedder(
  { imageProcessor }: TaskSources,
  model: PictureEncoder,
  dim: number,
): Promise<LoadedFamily> {
  const processor = await imageProcessor();
  return {
    ...embeddingTask({ dim, embed: (pictures, options) => model.embed(pictures, options) }, processor),
    bytes: model.bytes,
    features: imageFeatures(model, processor),
    release: () => model.release(),
  };
}

/** The class token after a tower's last norm, which its classifier reads. */
export function classTokens(tower: PictureTower, dim: number): Embedder {
  return {
    dim,
    async embed(pictures, { signal } = {}) {
      using rows = await tower.rows(pictures, { signal });
      return await firstRows(rows, { signal });
    },
  };
}

function embeddingTask({ dim, embed }: Embedder, processor: ImageProcessor) {
  const tasks: Pick<Tasks, 'image-feature-extraction'> = {
    'image-feature-extraction': ({ images }, { signal } = {}) =>
      embeddingRows(images, async (some) => {
        const { pixelValues, shape } = await processor.processBatch(some, { signal });
        return embed({ data: pixelValues, shape }, { signal });
      }),
  };
  return { tasks, embedding: { dim } };
}

function bestLabels(labels: readonly string[], scores: Float32Array, { name }: ImageValue): ScoresValue {
  const entries = Array.from(scores, (score, index) => ({ label: labels[index]!, score }))
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_LABELS);
  return { kind: 'Scores', entries, normalized: true, ...(name === undefined ? {} : { subject: name }) };
}
