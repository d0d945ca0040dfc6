/** ViLT as a family with tasks. */
import { WeftError } from '../../errors.ts';
import type { ImageProcessor } from '../../image/processor.ts';
import { concat } from '../../native/arrange.ts';
import type { ImageValue } from '../../protocol/value.ts';
import { readLabels } from '../blocks/labels.ts';
import { pickRows } from '../blocks/rows.ts';
import { vilt } from '../families/vilt.ts';
import { Vilt, type ViltInput } from '../families/vilt-model.ts';
import type { FamilyDefinition } from './family.ts';
import { fillMasks, maskPlaces } from './mask-filling.ts';
import { best, probabilities, rankedScores } from './ranking.ts';
import { refuseDecoding } from './refuse-decoding.ts';
import { imageOf } from './sight.ts';
import type { TaskOptions, Tasks } from './task.ts';
import { type TextReader, textBatch } from './text-batch.ts';

/** Answers given beside the best one, as the hub's pipeline does. */
const ANSWERS = 5;
/** More texts at once gain nothing and cost memory. */
const TEXTS_PER_RUN = 16;

export const viltFamily: FamilyDefinition = {
  name: 'vilt',
  title: 'ViLT',
  paper: {
    title: 'ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision (2021)',
    url: 'https://arxiv.org/abs/2102.03334',
  },
  modelTypes: ['vilt'],
  architectures: {
    ViltForQuestionAnswering: ['visual-question-answering'],
    ViltForImageAndTextRetrieval: ['image-text-matching'],
    ViltForMaskedLM: ['fill-mask'],
    ViltForImagesAndTextClassification: ['visual-reasoning'],
  },
  checkpoints: [
    'dandelin/vilt-b32-finetuned-vqa',
    'dandelin/vilt-b32-finetuned-coco',
    'dandelin/vilt-b32-finetuned-flickr30k',
    'dandelin/vilt-b32-finetuned-nlvr2',
    'dandelin/vilt-b32-mlm',
  ],
  graph: 'vilt-vqa',
  async load({ checkpoint, architecture, precision, signal, tokenizer, imageProcessor }) {
    const labels = readLabels(checkpoint.config);
    const model = await Vilt.build(await vilt(checkpoint, architecture), { precision, signal });
    const reader = { tokenizer: await tokenizer(), tower: model.text };
    return {
      tasks: tasksOf({ name: checkpoint.model, model, labels, reader, processor: await imageProcessor() }),
      bytes: model.bytes,
      release: () => model.release(),
    };
  },
};

interface Loaded {
  readonly name: string;
  readonly model: Vilt;
  readonly labels: readonly string[];
  readonly reader: TextReader;
  readonly processor: ImageProcessor;
}

function tasksOf(loaded: Loaded): Tasks {
  switch (loaded.model.parts.architecture) {
    case 'ViltForQuestionAnswering':
      return { 'visual-question-answering': (input, options) => answer(loaded, input, options) };
    case 'ViltForImageAndTextRetrieval':
      return { 'image-text-matching': (input, options) => match(loaded, input, options) };
    case 'ViltForMaskedLM':
      return { 'fill-mask': (input, options) => fill(loaded, input, options) };
    case 'ViltForImagesAndTextClassification':
      return { 'visual-reasoning': (input, options) => reason(loaded, input, options) };
    case 'ViltModel':
      return {};
  }
}

type Input<Name extends keyof Tasks> = Parameters<NonNullable<Tasks[Name]>>[0];

/** The answers are no classes that exclude each other: each has a probability of its own. */
async function answer(loaded: Loaded, input: Input<'visual-question-answering'>, options: TaskOptions = {}) {
  const { model, labels, reader, name } = loaded;
  refuseDecoding(name, input);
  const seen = await look(loaded, [imageOf(name, input)], options);
  const { hidden, pooled } = await model.run({ tokens: textBatch(reader, [input.question]), ...seen }, options);
  hidden.release();
  using row = pooled;
  const scores = await probabilities(await model.head(row, options.signal), 'sigmoid', options);
  const alternatives = best(scores, (place) => labels[place]!, ANSWERS);
  const [first] = alternatives;
  return { kind: 'Answer', text: first!.label, score: first!.score, alternatives } as const;
}

/** One logit for each text, trained to be the highest where text and picture belong together. */
async function match(loaded: Loaded, input: Input<'image-text-matching'>, options: TaskOptions = {}) {
  const { model, reader, name } = loaded;
  const image = imageOf(name, input);
  const seen = await look(loaded, [image], options);
  const scores: number[] = [];
  for (let start = 0; start < input.texts.length; start += TEXTS_PER_RUN) {
    const tokens = textBatch(reader, input.texts.slice(start, start + TEXTS_PER_RUN));
    const pictureOf = new Array<number>(tokens.batch).fill(0);
    const { hidden, pooled } = await model.run({ tokens, ...seen, pictureOf }, options);
    hidden.release();
    using rows = pooled;
    scores.push(...(await probabilities(await model.head(rows, options.signal), 'sigmoid', options)));
  }
  return rankedScores(Float32Array.from(scores), input.texts, image.name);
}

async function fill(loaded: Loaded, input: Input<'fill-mask'>, options: TaskOptions = {}) {
  const { model, reader, name } = loaded;
  const tokens = textBatch(reader, [input.text]);
  const places = maskPlaces(name, reader.tokenizer, tokens.ids);
  const seen = await look(loaded, [imageOf(name, input)], options);
  const { hidden, pooled } = await model.run({ tokens, ...seen }, options);
  pooled.release();
  using all = hidden;
  using rows = await pickRows(all, [places], options);
  return fillMasks(await model.head(rows, options.signal), reader.tokenizer, options);
}

/** Each picture is read with the text on its own; the head reads what was pooled of all, side by side. */
async function reason(loaded: Loaded, input: Input<'visual-reasoning'>, options: TaskOptions = {}) {
  const { model, labels, reader, name } = loaded;
  const { pictures } = model.parts;
  const images = 'images' in input ? input.images : [];
  if (images.length !== pictures) {
    const received = 'images' in input ? `${images.length}` : 'regions';
    throw new WeftError('model/bad-input', {
      model: name,
      input: 'images',
      expected: `${pictures} pictures`,
      received,
    });
  }
  const tokens = textBatch(reader, [input.text]);
  const seen = await look(loaded, images, options);
  const pooled = await Promise.all(
    images.map(async (_, picture) => {
      const result = await model.run({ tokens, ...seen, pictureOf: [picture], modality: picture + 1 }, options);
      result.hidden.release();
      return result.pooled;
    }),
  );
  using rows = await concat(pooled, 1, options);
  for (const row of pooled) row.release();
  return rankedScores(await probabilities(await model.head(rows, options.signal), 'softmax', options), labels);
}

/** Pictures of all sizes on one canvas, with their mask. */
async function look(
  { processor }: Loaded,
  images: readonly ImageValue[],
  { signal }: TaskOptions,
): Promise<Pick<ViltInput, 'pictures' | 'pixelMask'>> {
  const { shape, pixelValues, pixelMask } = await processor.processBatch(images, { signal });
  const [count, , height, width] = shape;
  return {
    pictures: { data: pixelValues, shape },
    ...(pixelMask === undefined ? {} : { pixelMask: { data: pixelMask, shape: [count, height, width] } }),
  };
}
