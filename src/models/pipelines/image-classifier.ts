/**
 * The task of a model that tells which of its own classes a picture shows, and that of a bare one, which gives embeddings.
 * Shared by the families of encoders of pictures; knows none of them.
 */
import { activate, softmax } from '../../native/rows.ts';
import type { ImageValue, ScoresValue } from '../../protocol/value.ts';
import { isExclusive, readLabels } from '../blocks/labels.ts';
import type { PictureEncoder } from '../towers/dual-encoder.ts';
import type { FamilySources, LoadedFamily } from './family.ts';
import type { TaskOptions } from './task.ts';
import { imageFeatures } from './tower-features.ts';

/** As many as the hub's pipeline tells. */
const MOST_LABELS = 5;
/** More at once gains nothing and costs memory: activations grow with it. */
const PICTURES_PER_RUN = 16;

/**
 * `model` gives logits [batch, classes]. Rejects with `model/bad-config` for classes without names, and as reading the
 * image processor.
 */
export async function loadedImageClassifier(
  { checkpoint, imageProcessor }: FamilySources,
  model: PictureEncoder,
): Promise<LoadedFamily> {
  const labels = readLabels(checkpoint.config);
  const single = isExclusive(checkpoint.config, labels.length);
  const processor = await imageProcessor();
  return {
    tasks: {
      async 'image-classification'({ image }, { signal }: TaskOptions = {}) {
        const { pixelValues, shape } = await processor.processBatch([image], { signal });
        using logits = await model.embed({ data: pixelValues, shape }, { signal });
        using scores = await (single ? softmax(logits, { signal }) : activate(logits, 'sigmoid', { signal }));
        return bestLabels(labels, scores.toFloats(), image);
      },
    },
    bytes: model.bytes,
    features: imageFeatures(model, processor),
    release: () => model.release(),
  };
}

/** `model` gives embeddings [batch, dim]. Rejects as reading the image processor. */
export async function loadedImageEmbedder(
  { imageProcessor }: FamilySources,
  model: PictureEncoder,
  dim: number,
): Promise<LoadedFamily> {
  const processor = await imageProcessor();
  return {
    tasks: {
      async 'image-feature-extraction'({ images }, { signal }: TaskOptions = {}) {
        const rows: Float32Array[] = [];
        for (let start = 0; start < images.length; start += PICTURES_PER_RUN) {
          const batch = await processor.processBatch(images.slice(start, start + PICTURES_PER_RUN), { signal });
          using embeds = await model.embed({ data: batch.pixelValues, shape: batch.shape }, { signal });
          const numbers = embeds.toFloats();
          for (let row = 0; row < numbers.length; row += dim) rows.push(numbers.slice(row, row + dim));
        }
        return rows;
      },
    },
    bytes: model.bytes,
    features: imageFeatures(model, processor),
    embedding: { dim },
    release: () => model.release(),
  };
}

function bestLabels(labels: readonly string[], scores: Float32Array, { name }: ImageValue): ScoresValue {
  const entries = Array.from(scores, (score, index) => ({ label: labels[index]!, score }))
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_LABELS);
  return { kind: 'Scores', entries, normalized: true, ...(name === undefined ? {} : { subject: name }) };
}
