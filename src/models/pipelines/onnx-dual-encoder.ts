/**
 * Models of two towers from ONNX files, as repositories for transformers.js have them: `vision_model` and `text_model`, or
 * `model` with both, which alone knows how cosines become logits. Knows no family: what differs is told by OnnxDualForm.
 */
import { towerConfig } from '../families/clip.ts';
import type { NetworkFeed, OnnxNetwork } from '../onnx/network.ts';
import { OnnxPictureEncoder } from '../onnx/picture-encoder.ts';
import { OnnxTextEncoder, TEXT_INPUTS, textFeeds } from '../onnx/text-encoder.ts';
import type { PictureEncoder, Similarity } from '../towers/dual-encoder.ts';
import { type DualEncoder, dualEncoderTasks, type TextForm } from './dual-encoder.ts';
import { encodeTexts } from './encode-texts.ts';
import type { LoadedFamily, OnnxSources } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { probabilities, rankedScores } from './ranking.ts';
import type { TaskSignatures } from './task.ts';

export interface OnnxDualForm {
  readonly form: TextForm;
  /** Of `vision_model` and `text_model`: their rows of the shared space. */
  readonly outputs: { readonly picture: string; readonly text: string };
  /** Most tokens of a text. */
  readonly positions: number;
  /** Texts compete for a picture by a softmax, or each pair is judged alone by a sigmoid. */
  readonly judgement: 'softmax' | 'sigmoid';
  /** Where only the towers are there. Left out: only `model` tells it. */
  readonly similarity?: () => Promise<Similarity>;
}

interface Towers {
  readonly pictures: PictureEncoder & { readonly width: number | undefined };
  readonly texts: OnnxTextEncoder;
}

/** Of towers with a projection, and of `model` with both, of length one there. */
export const EMBEDS = { picture: 'image_embeds', text: 'text_embeds' } as const;
const SIDE = 224;
const WIDTH = 512;

/** Rejects with `model/missing-file` where neither is there, and as reading tokenizer and image processor. */
export async function loadOnnxDualEncoder(sources: OnnxSources, dual: OnnxDualForm): Promise<LoadedFamily> {
  const { networks, checkpoint } = sources;
  const { model: name, config } = checkpoint;
  const [processor, tokenizer] = [await sources.imageProcessor(), await sources.tokenizer()];
  const whole = networks.has('model') ? (await networks.open('model'))[0] : undefined;
  const hasTowers = networks.has('vision_model', 'text_model');
  if (whole === undefined && (!hasTowers || dual.similarity === undefined)) networks.refuse('model');
  const { pictures, texts } = hasTowers ? await openTowers(sources, dual) : towersOf(whole!, sources, dual);
  const similarity = whole === undefined ? await dual.similarity!() : undefined;
  const form = texts.fixedLength === undefined ? dual.form : ({ ...dual.form, fill: 'positions' } as const);
  // Where the whole model judges, the temperature is its own business.
  const model: DualEncoder = {
    name,
    pictures,
    texts,
    similarity: similarity ?? { scale: 1 },
    processor,
    tokenizer,
    form,
  };
  const tasks = dualEncoderTasks(model);
  const judge = whole && judgeWhole(whole, model, dual);
  return {
    tasks: judge === undefined ? tasks : { ...tasks, 'zero-shot-image-classification': judge },
    bytes: (hasTowers ? pictures.bytes + texts.bytes : 0) + (whole?.bytes ?? 0),
    embedding: {
      dim: pictures.width ?? texts.width ?? config.count('projection_dim', WIDTH),
      ...(similarity === undefined ? {} : { logitScale: similarity.scale }),
    },
    release() {
      pictures.release();
      texts.release();
      whole?.release();
    },
  };
}

async function openTowers({ networks }: OnnxSources, { positions, outputs }: OnnxDualForm): Promise<Towers> {
  const [vision, text] = await networks.open('vision_model', 'text_model');
  return {
    pictures: new OnnxPictureEncoder(vision, { outputs: [outputs.picture] }),
    texts: new OnnxTextEncoder(text, { outputs: [outputs.text], positions }),
  };
}

/** Both sides of one network: each is given the least that the other one takes. */
function towersOf(whole: OnnxNetwork, { checkpoint }: OnnxSources, { positions }: OnnxDualForm): Towers {
  const side = towerConfig(checkpoint.config, 'vision').count('image_size', SIDE);
  const length = whole.fixedSize('input_ids', 1) ?? 1;
  const shape = [1, 3, whole.fixedSize('pixel_values', 2) ?? side, whole.fixedSize('pixel_values', 3) ?? side];
  const noPicture = (): Record<string, NetworkFeed> => ({
    pixel_values: {
      dtype: 'float32',
      shape,
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
    },
  });
  const noText = () => textFeeds({ ids: Array<number>(length).fill(0) });
  return {
    pictures: new OnnxPictureEncoder(whole, { outputs: [EMBEDS.picture], others: noText }),
    texts: new OnnxTextEncoder(whole, { outputs: [EMBEDS.text], positions, others: noPicture }),
  };
}

function judgeWhole(
  whole: OnnxNetwork,
  { name, processor, tokenizer, texts, form }: DualEncoder,
  { judgement }: OnnxDualForm,
): TaskSignatures['zero-shot-image-classification'] {
  whole.expectInputs(['pixel_values', ...TEXT_INPUTS]);
  const output = whole.expectOutput('logits_per_image').name;
  return async ({ image, labels, template = form.template }, { signal } = {}) => {
    const prompts = promptsOf(name, labels, template).map(form.prepare ?? ((text) => text));
    const tokens = encodeTexts(tokenizer, prompts, { positions: texts.positions, ...form });
    const { pixelValues, shape } = await processor.processBatch([image], { signal });
    const pixels = { dtype: 'float32' as const, shape, data: pixelValues };
    const logits = await whole.compute(output, { ...textFeeds(tokens), pixel_values: pixels }, { signal });
    return rankedScores(await probabilities(logits, judgement, { signal }), labels, image.name);
  };
}
