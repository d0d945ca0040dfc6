/** FLAVA as a family with tasks: those of its two towers, and those of what it learned about both together. */

import type { ImageProcessor } from '../../image/processor.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue, ScoresValue } from '../../protocol/value.ts';
import { firstRows, pickItems, pickRows } from '../blocks/rows.ts';
import { flava } from '../families/flava.ts';
import { Flava } from '../families/flava-model.ts';
import { matchingProbabilities } from '../objectives/matching.ts';
import type { Tokens } from '../towers/text-tower.ts';
import { DUAL_ENCODER_TASKS, dualEncoderTasks, MASKED_TEXTS } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';
import { fillMasks, maskPlaces } from './mask-filling.ts';
import { rankedScores } from './ranking.ts';
import { imageOf } from './sight.ts';
import type { TaskOptions, Tasks } from './task.ts';
import { type TextReader, textBatch } from './text-batch.ts';
import { imageFeatures, textFeatures } from './tower-features.ts';

/** More texts at once gain nothing and cost memory. */
const TEXTS_PER_RUN = 16;

export const flavaFamily: FamilyDefinition = {
  name: 'flava',
  title: 'FLAVA',
  paper: {
    title: 'FLAVA: A Foundational Language And Vision Alignment Model (2021)',
    url: 'https://arxiv.org/abs/2112.04482',
  },
  modelTypes: ['flava'],
  architectures: {
    FlavaModel: DUAL_ENCODER_TASKS,
    FlavaForPreTraining: [...DUAL_ENCODER_TASKS, 'image-text-matching', 'fill-mask'],
  },
  checkpoints: ['facebook/flava-full'],
  graph: 'flava-zero-shot',
  async load({ checkpoint, architecture, precision, signal, tokenizer, imageProcessor }) {
    const [processor, words] = [await imageProcessor(), await tokenizer()];
    const parts = await flava(checkpoint, architecture);
    const model = await Flava.build(parts, { precision, signal });
    const { dim, similarity } = parts;
    const encoder = { pictures: model.image, texts: model.text, similarity, form: MASKED_TEXTS };
    const reader = { tokenizer: words, tower: model.text };
    const loaded = { name: checkpoint.model, model, reader, processor };
    return {
      tasks: {
        ...dualEncoderTasks({ name: checkpoint.model, ...encoder, processor, tokenizer: words }),
        ...(architecture === 'FlavaForPreTraining' ? pretrainedTasks(loaded) : {}),
      },
      bytes: model.bytes,
      features: { ...imageFeatures(model.image, processor), ...textFeatures(model.text, words) },
      embedding: { dim, logitScale: similarity.scale },
      release: () => model.release(),
    };
  },
};

interface Loaded {
  readonly name: string;
  readonly model: Flava;
  readonly reader: TextReader;
  readonly processor: ImageProcessor;
}

type Input<Name extends keyof Tasks> = Parameters<NonNullable<Tasks[Name]>>[0];

function pretrainedTasks(loaded: Loaded): Tasks {
  return {
    'image-text-matching': (input, options) => match(loaded, input, options),
    'fill-mask': (input, options) => fill(loaded, input, options),
  };
}

async function match(
  loaded: Loaded,
  input: Input<'image-text-matching'>,
  options: TaskOptions = {},
): Promise<ScoresValue> {
  const { model, reader, name } = loaded;
  const image = imageOf(name, input);
  using picture = await look(loaded, image, options);
  const scores: number[] = [];
  for (let start = 0; start < input.texts.length; start += TEXTS_PER_RUN) {
    const tokens = textBatch(reader, input.texts.slice(start, start + TEXTS_PER_RUN));
    using both = await fuse(model, picture, tokens, options);
    using first = await firstRows(both, options);
    using logits = await model.heads.run('itm', first, options.signal);
    scores.push(...matchingProbabilities(logits.toFloats(), 2));
  }
  return rankedScores(Float32Array.from(scores), input.texts, image.name);
}

/** With a picture the words are asked of both together, without one of the text alone: each has a head of its own. */
async function fill(
  loaded: Loaded,
  input: Input<'fill-mask'>,
  options: TaskOptions = {},
): Promise<readonly ScoresValue[]> {
  const { model, reader, name } = loaded;
  const tokens = textBatch(reader, [input.text]);
  const places = maskPlaces(name, reader.tokenizer, tokens.ids);
  if (!('image' in input || 'regions' in input)) {
    const { hidden, head } = await model.text.run(tokens, options);
    head!.release();
    using words = hidden!;
    using asked = await pickRows(words, [places], options);
    return fillMasks(await model.heads.run('mlm', asked, options.signal), reader.tokenizer, options);
  }
  using picture = await look(loaded, imageOf(name, input), options);
  using both = await fuse(model, picture, tokens, options);
  const before = model.rowsBeforeText(picture.shape[1]!);
  using asked = await pickRows(both, [places.map((place) => before + place)], options);
  return fillMasks(await model.heads.run('mmm_text', asked, options.signal), reader.tokenizer, options);
}

/** The rows of one picture before its tower's last norm: [1, rows, width]. */
async function look({ model, processor }: Loaded, image: ImageValue, { signal }: TaskOptions): Promise<Tensor> {
  const { pixelValues, shape } = await processor.processBatch([image], { signal });
  const last = model.image.stack.layers;
  const given = { returnHidden: [last], outputs: { hidden: false, head: false }, signal };
  return (await model.image.run({ data: pixelValues, shape }, given)).hiddenStates[0]!;
}

/** The rows of one picture with each of the texts: [texts, rows, width]. */
async function fuse(model: Flava, picture: Tensor, tokens: Tokens, { signal }: TaskOptions): Promise<Tensor> {
  const { batch = 1, mask: textMask } = tokens;
  const given = { returnHidden: [model.text.stack.layers], outputs: { hidden: false, head: false }, signal };
  using text = (await model.text.run(tokens, given)).hiddenStates[0]!;
  using image = await pickItems(picture, new Array<number>(batch).fill(0), { signal });
  const { hidden, head } = await model.fuse({ image, text, textMask }, { signal });
  head!.release();
  return hidden!;
}
