/** BridgeTower as a family with tasks. */
import type { ImageProcessor } from '../../image/processor.ts';
import { pickRows } from '../blocks/rows.ts';
import { bridgeTower, contrastiveTowers } from '../families/bridgetower.ts';
import { BridgeTower, type BridgeTowerResult } from '../families/bridgetower-model.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, MASKED_TEXTS } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';
import { fillMasks, maskPlaces } from './mask-filling.ts';
import { probabilities, rankedScores } from './ranking.ts';
import { imageOf } from './sight.ts';
import type { TaskOptions, Tasks } from './task.ts';
import { type TextReader, textBatch } from './text-batch.ts';

/** More texts at once gain nothing and cost memory. */
const TEXTS_PER_RUN = 16;

export const bridgeTowerFamily: FamilyDefinition = {
  name: 'bridgetower',
  title: 'BridgeTower',
  paper: {
    title: 'BridgeTower: Building Bridges Between Encoders in Vision-Language Representation Learning (2022)',
    url: 'https://arxiv.org/abs/2206.08657',
  },
  modelTypes: ['bridgetower'],
  architectures: {
    BridgeTowerForImageAndTextRetrieval: ['image-text-matching'],
    BridgeTowerForMaskedLM: ['fill-mask'],
    BridgeTowerForContrastiveLearning: DUAL_ENCODER_TASKS,
  },
  checkpoints: [
    'BridgeTower/bridgetower-base-itm-mlm',
    'BridgeTower/bridgetower-large-itm-mlm',
    'BridgeTower/bridgetower-large-itm-mlm-itc',
  ],
  graph: 'bridgetower-match',
  async load(sources) {
    const { checkpoint, architecture, precision, signal, tokenizer, imageProcessor } = sources;
    const parts = await bridgeTower(checkpoint, architecture);
    if (architecture === 'BridgeTowerForContrastiveLearning') {
      return loadDualEncoder(sources, contrastiveTowers(parts), MASKED_TEXTS);
    }
    const model = await BridgeTower.build(parts, { precision, signal });
    const reader = { tokenizer: await tokenizer(), tower: model.text };
    const loaded = { name: checkpoint.model, model, reader, processor: await imageProcessor() };
    return {
      tasks:
        architecture === 'BridgeTowerForMaskedLM'
          ? { 'fill-mask': (input, options) => fill(loaded, input, options) }
          : { 'image-text-matching': (input, options) => match(loaded, input, options) },
      bytes: model.bytes,
      release: () => model.release(),
    };
  },
};

interface Loaded {
  readonly name: string;
  readonly model: BridgeTower;
  readonly reader: TextReader;
  readonly processor: ImageProcessor;
}

type Input<Name extends keyof Tasks> = Parameters<NonNullable<Tasks[Name]>>[0];

async function match(
  { name, model, reader, processor }: Loaded,
  input: Input<'image-text-matching'>,
  options: TaskOptions = {},
) {
  const image = imageOf(name, input);
  const { pixelValues, shape } = await processor.processBatch([image], { signal: options.signal });
  const scores: number[] = [];
  for (let start = 0; start < input.texts.length; start += TEXTS_PER_RUN) {
    const tokens = textBatch(reader, input.texts.slice(start, start + TEXTS_PER_RUN));
    const pictureOf = new Array<number>(tokens.batch).fill(0);
    const result = await model.run({ tokens, pictures: { data: pixelValues, shape }, pictureOf }, options);
    using pooled = result.pooled;
    letGo(result);
    const rows = await probabilities(await model.heads.run('matching', pooled, options.signal), 'softmax', options);
    for (const [place, score] of rows.entries()) if (place % 2 === 1) scores.push(score);
  }
  return rankedScores(Float32Array.from(scores), input.texts, image.name);
}

async function fill({ name, model, reader, processor }: Loaded, input: Input<'fill-mask'>, options: TaskOptions = {}) {
  const tokens = textBatch(reader, [input.text]);
  const places = maskPlaces(name, reader.tokenizer, tokens.ids);
  const { pixelValues, shape } = await processor.processBatch([imageOf(name, input)], { signal: options.signal });
  const result = await model.run({ tokens, pictures: { data: pixelValues, shape } }, options);
  using rows = await pickRows(result.text, [places], options);
  result.pooled.release();
  letGo(result);
  return fillMasks(await model.heads.run('vocabulary', rows, options.signal), reader.tokenizer, options);
}

/** All but what was pooled. */
function letGo({ text, image, textStates, imageStates, crossStates }: BridgeTowerResult): void {
  for (const one of [text, image, ...textStates, ...imageStates]) one.release();
  for (const sides of crossStates) for (const one of [sides.text, sides.image]) one.release();
}
