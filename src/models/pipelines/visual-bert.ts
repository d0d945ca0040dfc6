/** VisualBERT as a family with tasks: it reads regions that a detector saw. */
import { Tensor } from '../../native/tensor.ts';
import { readLabels } from '../blocks/labels.ts';
import { pickRows, sliceRows } from '../blocks/rows.ts';
import { visualBert } from '../families/visual-bert.ts';
import { VisualBert, type VisualBertResult } from '../families/visual-bert-model.ts';
import { phraseScores, questionRows } from '../families/visual-bert-rows.ts';
import type { Tokens } from '../towers/text-tower.ts';
import type { FamilyDefinition } from './family.ts';
import { fillMasks, maskPlaces } from './mask-filling.ts';
import { phrasePlaces } from './phrase-places.ts';
import { best, probabilities, rankedScores } from './ranking.ts';
import { refuseDecoding } from './refuse-decoding.ts';
import { regionsOf, type Seen } from './sight.ts';
import type { TaskOptions, Tasks } from './task.ts';
import { pairBatch, type TextReader, textBatch } from './text-batch.ts';

/** Answers given beside the best one, as the hub's pipeline does. */
const ANSWERS = 5;
/** What NLVR2's two classes mean, where config.json does not tell. */
const TRUTH = ['False', 'True'];

export const visualBertFamily: FamilyDefinition = {
  name: 'visual-bert',
  title: 'VisualBERT',
  paper: {
    title: 'VisualBERT: A Simple and Performant Baseline for Vision and Language (2019)',
    url: 'https://arxiv.org/abs/1908.03557',
  },
  modelTypes: ['visual_bert'],
  architectures: {
    VisualBertForPreTraining: ['fill-mask', 'image-text-matching'],
    VisualBertForQuestionAnswering: ['visual-question-answering'],
    VisualBertForVisualReasoning: ['visual-reasoning'],
    VisualBertForMultipleChoice: ['multiple-choice'],
    VisualBertForRegionToPhraseAlignment: ['phrase-grounding'],
  },
  checkpoints: [
    'uclanlp/visualbert-vqa',
    'uclanlp/visualbert-nlvr2',
    'uclanlp/visualbert-vcr',
    'uclanlp/visualbert-vqa-coco-pre',
    'uclanlp/visualbert-nlvr2-coco-pre',
    'uclanlp/visualbert-vcr-coco-pre',
  ],
  graph: 'visual-bert-vqa',
  async load({ checkpoint, architecture, precision, signal, tokenizer }) {
    const { config, model: name } = checkpoint;
    const labels = readLabels(config);
    const truth = config.has('id2label') || labels.length !== TRUTH.length ? labels : TRUTH;
    const model = await VisualBert.build(await visualBert(checkpoint, architecture), { precision, signal });
    const reader = { tokenizer: await tokenizer(), tower: model.text };
    return {
      tasks: tasksOf({ name, model, labels, truth, reader }),
      bytes: model.bytes,
      release: () => model.release(),
    };
  },
};

interface Loaded {
  readonly name: string;
  readonly model: VisualBert;
  readonly labels: readonly string[];
  readonly truth: readonly string[];
  readonly reader: TextReader;
}

function tasksOf(loaded: Loaded): Tasks {
  switch (loaded.model.parts.architecture) {
    case 'VisualBertForQuestionAnswering':
      return { 'visual-question-answering': (input, options) => answer(loaded, input, options) };
    case 'VisualBertForVisualReasoning':
      return { 'visual-reasoning': (input, options) => reason(loaded, input, options) };
    case 'VisualBertForMultipleChoice':
      return { 'multiple-choice': (input, options) => choose(loaded, input, options) };
    case 'VisualBertForRegionToPhraseAlignment':
      return { 'phrase-grounding': (input, options) => ground(loaded, input, options) };
    case 'VisualBertForPreTraining':
      return {
        'fill-mask': (input, options) => fill(loaded, input, options),
        'image-text-matching': (input, options) => match(loaded, input, options),
      };
    case 'VisualBertModel':
      return {};
  }
}

type Input<Name extends keyof Tasks> = Parameters<NonNullable<Tasks[Name]>>[0];

async function answer(loaded: Loaded, input: Input<'visual-question-answering'>, options: TaskOptions = {}) {
  const { model, labels, reader } = loaded;
  refuseDecoding(reader.tower.name, input);
  const tokens = textBatch(reader, [input.question]);
  const { hidden, pooled } = await look(loaded, tokens, input, options);
  pooled.release();
  using all = hidden;
  using rows = await pickRows(all, [questionRows(tokens, loaded.name)], options);
  const scores = await probabilities(await model.heads.run('classes', rows, options.signal), 'softmax', options);
  const alternatives = best(scores, (place) => labels[place]!, ANSWERS);
  const [first] = alternatives;
  return { kind: 'Answer', text: first!.label, score: first!.score, alternatives } as const;
}

/** The regions are those of both pictures, one after the other. */
async function reason(loaded: Loaded, input: Input<'visual-reasoning'>, options: TaskOptions = {}) {
  const logits = await classes(loaded, textBatch(loaded.reader, [input.text]), input, options);
  return rankedScores(await probabilities(logits, 'softmax', options), loaded.truth);
}

/** The question with each choice is a pair of texts; the choices' logits are compared with each other. */
async function choose(loaded: Loaded, input: Input<'multiple-choice'>, options: TaskOptions = {}) {
  const { question, choices } = input;
  using logits = await classes(loaded, pairBatch(loaded.reader, question, choices), input, options);
  const row = Tensor.from(logits.toFloats(), [1, choices.length]);
  return rankedScores(await probabilities(row, 'softmax', options), choices, question);
}

/** transformers' class 0 means that the text belongs to the picture. */
async function match(loaded: Loaded, input: Input<'image-text-matching'>, options: TaskOptions = {}) {
  const logits = await classes(loaded, textBatch(loaded.reader, input.texts), input, options);
  const scores = await probabilities(logits, 'softmax', options);
  return rankedScores(
    scores.filter((_, place) => place % 2 === 0),
    input.texts,
  );
}

async function fill(loaded: Loaded, input: Input<'fill-mask'>, options: TaskOptions = {}) {
  const { model, reader, name } = loaded;
  const tokens = textBatch(reader, [input.text]);
  const places = maskPlaces(name, reader.tokenizer, tokens.ids);
  const { hidden, pooled } = await look(loaded, tokens, input, options);
  pooled.release();
  using all = hidden;
  using rows = await pickRows(all, [places], options);
  return fillMasks(await model.heads.run('vocabulary', rows, options.signal), reader.tokenizer, options);
}

/** The region that fits each phrase best, with its probability among all regions. */
async function ground(loaded: Loaded, input: Input<'phrase-grounding'>, options: TaskOptions = {}) {
  const { model, reader, name } = loaded;
  const { signal } = options;
  const tokens = textBatch(reader, [input.text]);
  const reading = { model: name, tokenizer: reader.tokenizer, ids: tokens.ids };
  const places = phrasePlaces(reading, input.text, input.phrases);
  const { hidden, pooled, words } = await look(loaded, tokens, input, options);
  pooled.release();
  using all = hidden;
  using phraseRows = await pickRows(all, [places], options);
  using regionRows = await sliceRows(all, words, all.shape[1]! - words, options);
  using phrases = await model.heads.run('phrase', phraseRows, signal);
  using regions = await model.heads.run('region', regionRows, signal);
  const count = regions.shape[1]!;
  const logits = Tensor.from(phraseScores(phrases, regions), [places.length, count]);
  const scores = await probabilities(logits, 'softmax', options);
  const found = input.phrases.map((phrase, place) => {
    const row = scores.subarray(place * count, (place + 1) * count);
    return best(row, (region) => `${phrase}: region ${region + 1}`, 1)[0]!;
  });
  return { kind: 'Scores', entries: found.sort((one, other) => other.score - one.score), normalized: true } as const;
}

/** The head over the pooled rows, [texts, classes]. */
async function classes(loaded: Loaded, tokens: Tokens, seen: Seen, options: TaskOptions): Promise<Tensor> {
  const { hidden, pooled } = await look(loaded, tokens, seen, options);
  hidden.release();
  using rows = pooled;
  return await loaded.model.heads.run('classes', rows, options.signal);
}

function look({ name, model }: Loaded, tokens: Tokens, seen: Seen, options: TaskOptions): Promise<VisualBertResult> {
  const { features } = regionsOf(name, seen, { width: model.parts.regionWidth, texts: tokens.batch ?? 1 });
  return model.run({ tokens, regions: { features } }, { signal: options.signal });
}
