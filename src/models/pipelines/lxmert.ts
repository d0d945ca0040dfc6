/** LXMERT as a family with tasks: it reads regions that a detector saw, and where they lie. */
import { WeftError } from '../../errors.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabels } from '../blocks/labels.ts';
import { pickRows } from '../blocks/rows.ts';
import { lxmert } from '../families/lxmert.ts';
import { Lxmert, type LxmertResult } from '../families/lxmert-model.ts';
import type { Tokens } from '../towers/text-tower.ts';
import type { FamilyDefinition } from './family.ts';
import { fillMasks, maskPlaces } from './mask-filling.ts';
import { best, probabilities, rankedScores } from './ranking.ts';
import { refuseDecoding } from './refuse-decoding.ts';
import { regionsOf, type Seen } from './sight.ts';
import type { TaskOptions, Tasks } from './task.ts';
import { type TextReader, textBatch } from './text-batch.ts';
import { textFeatures } from './tower-features.ts';

/** Answers given beside the best one, as the hub's pipeline does. */
const ANSWERS = 5;

export const lxmertFamily: FamilyDefinition = {
  name: 'lxmert',
  title: 'LXMERT',
  paper: {
    title: 'LXMERT: Learning Cross-Modality Encoder Representations from Transformers (2019)',
    url: 'https://arxiv.org/abs/1908.07490',
  },
  modelTypes: ['lxmert'],
  architectures: {
    LxmertForQuestionAnswering: ['visual-question-answering'],
    LxmertForPreTraining: ['visual-question-answering', 'fill-mask', 'image-text-matching'],
  },
  checkpoints: ['unc-nlp/lxmert-vqa-uncased', 'unc-nlp/lxmert-gqa-uncased', 'unc-nlp/lxmert-base-uncased'],
  graph: 'lxmert-vqa',
  async load({ checkpoint, architecture, precision, signal, tokenizer }) {
    const { config, model: name } = checkpoint;
    const labels = answerNames(config, config.count('num_qa_labels', 9500));
    const model = await Lxmert.build(await lxmert(checkpoint, architecture), { precision, signal });
    const reader = { tokenizer: await tokenizer(), tower: model.text };
    return {
      tasks: tasksOf({ name, model, labels, reader }),
      bytes: model.bytes,
      features: textFeatures(model.text, reader.tokenizer),
      release: () => model.release(),
    };
  },
};

/** Of as many answers as the head has; what `id2label` names where it names that many. */
function answerNames(config: ConfigReader, count: number): readonly string[] {
  if (config.entries('id2label') === count) return readLabels(config);
  return Array.from({ length: count }, (_, label) => `LABEL_${label}`);
}

interface Loaded {
  readonly name: string;
  readonly model: Lxmert;
  readonly labels: readonly string[];
  readonly reader: TextReader;
}

/** Those that the checkpoint has heads for. */
function tasksOf(loaded: Loaded): Tasks {
  const { heads } = loaded.model;
  return {
    ...(heads.has('answers')
      ? { 'visual-question-answering': (input, options) => answer(loaded, input, options) }
      : {}),
    ...(heads.has('vocabulary') ? { 'fill-mask': (input, options) => fill(loaded, input, options) } : {}),
    ...(heads.has('matching') ? { 'image-text-matching': (input, options) => match(loaded, input, options) } : {}),
  } satisfies Tasks;
}

type Input<Name extends keyof Tasks> = Parameters<NonNullable<Tasks[Name]>>[0];

async function answer(loaded: Loaded, input: Input<'visual-question-answering'>, options: TaskOptions = {}) {
  const { model, labels, reader } = loaded;
  refuseDecoding(reader.tower.name, input);
  const { pooled } = await look(loaded, textBatch(reader, [input.question]), input, options);
  using row = pooled;
  const scores = await probabilities(await model.heads.run('answers', row, options.signal), 'softmax', options);
  const alternatives = best(scores, (place) => labels[place]!, ANSWERS);
  const [first] = alternatives;
  return { kind: 'Answer', text: first!.label, score: first!.score, alternatives } as const;
}

/** Class 1 means that the text belongs to the picture. */
async function match(loaded: Loaded, input: Input<'image-text-matching'>, options: TaskOptions = {}) {
  const { model, reader } = loaded;
  const { pooled } = await look(loaded, textBatch(reader, input.texts), input, options);
  using rows = pooled;
  const scores = await probabilities(await model.heads.run('matching', rows, options.signal), 'softmax', options);
  return rankedScores(
    scores.filter((_, place) => place % 2 === 1),
    input.texts,
  );
}

async function fill(loaded: Loaded, input: Input<'fill-mask'>, options: TaskOptions = {}) {
  const { model, reader, name } = loaded;
  const tokens = textBatch(reader, [input.text]);
  const places = maskPlaces(name, reader.tokenizer, tokens.ids);
  const { language, pooled } = await look(loaded, tokens, input, options);
  pooled.release();
  using all = language;
  using rows = await pickRows(all, [places], options);
  return fillMasks(await model.heads.run('vocabulary', rows, options.signal), reader.tokenizer, options);
}

async function look(
  { name, model }: Loaded,
  tokens: Tokens,
  seen: Seen,
  { signal }: TaskOptions,
): Promise<LxmertResult> {
  const { features, boxes } = regionsOf(name, seen, { width: model.parts.features.width, texts: tokens.batch ?? 1 });
  if (boxes === undefined) {
    const expected = 'features with their boxes';
    throw new WeftError('model/bad-input', { model: name, input: 'regions', expected, received: 'no boxes' });
  }
  const result = await model.run({ tokens, features, boxes }, { signal });
  result.regions.release();
  return result;
}
