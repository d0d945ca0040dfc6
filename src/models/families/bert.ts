/**
 * BERT: token, position and segment embeddings, then post-norm layers that see the whole text; and RoBERTa, which counts
 * positions over the tokens that are no padding. As decoders they see what came before, and a memory.
 * Checkpoints of transformers' BertModel, BertForSequenceClassification, BertForMaskedLM, the same of RoBERTa, and the
 * decoders of VisionEncoderDecoderModel.
 * Sources: Devlin et al., BERT (2018); Liu et al., RoBERTa (2019).
 */
import type { HeadSpec, StackSpec } from '../../native/stack-spec.ts';
import { bertEmbedding } from '../blocks/bert-embedding.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { linear } from '../blocks/linear.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { denseTanh, type VocabularyHeadNames, vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

export type BertKind = 'bert' | 'roberta';

export const BERT_LAYER: LayerNames = {
  attention: { query: 'attention.self.query', key: 'attention.self.key', value: 'attention.self.value' },
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  feedForwardNorm: 'output.LayerNorm',
  cross: {
    query: 'crossattention.self.query',
    keyValue: { key: 'crossattention.self.key', value: 'crossattention.self.value' },
    output: 'crossattention.output.dense',
    norm: 'crossattention.output.LayerNorm',
  },
};

const SHAPE = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };
const POSITIONS = 512;
const DEFAULTS = { bert: { vocabulary: 30_522, padding: 0 }, roberta: { vocabulary: 50_265, padding: 1 } } as const;

const ARCHITECTURES = {
  bert: ['BertModel', 'BertForSequenceClassification', 'BertForMaskedLM', 'BertForPreTraining'],
  roberta: ['RobertaModel', 'RobertaForSequenceClassification', 'RobertaForMaskedLM'],
} as const;

export const VOCABULARY_HEAD: Readonly<Record<BertKind, VocabularyHeadNames>> = {
  bert: {
    dense: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    decoder: 'cls.predictions.decoder.weight',
    bias: ['cls.predictions.decoder.bias', 'cls.predictions.bias'],
  },
  roberta: {
    dense: 'lm_head.dense',
    norm: 'lm_head.layer_norm',
    decoder: 'lm_head.decoder.weight',
    bias: ['lm_head.decoder.bias', 'lm_head.bias'],
  },
};

/** Old files also hold the numbers 0, 1, 2, … and zeros; `finish` may ignore them. */
export const BERT_BUFFERS = /(?:^|\.)embeddings\.(?:position_ids|token_type_ids)$/;

/**
 * Buffers of old files, the pooler where nothing reads it, and the heads of pretraining: bare models of well-known
 * checkpoints still carry them, and files repeat tied matrices under the head's name.
 */
export const BERT_UNUSED = [BERT_BUFFERS, /(?:^|\.)pooler\./, /(?:^|\.)cls\./, /(?:^|\.)lm_head\./];

/**
 * The head gives the logits of a classifier, the logits of all tokens of the vocabulary at every place of a masked
 * language model, or the pooled first token of a bare model where that has a pooler.
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function bert({ config, weights }: Checkpoint, kind: BertKind, architecture?: string): TextStack {
  const [base, classifier, ...others] = ARCHITECTURES[kind];
  const chosen = readArchitecture<string>(config, [base, classifier, ...others], architecture);
  const model = weights.below([`${kind}.`, '']);
  const { width } = readEncoderShape(config, SHAPE);
  const isClassifier = chosen === classifier;
  const head = () => {
    if (isClassifier) return classify(config, weights, model, kind, width);
    return chosen === base ? pool(model, width) : predict(config, weights, model, kind, 'all');
  };
  const tower = bertTower(config, model, kind, head());
  weights.finish({ ignore: [...BERT_UNUSED, ...(isClassifier ? [] : [/^classifier\./])] });
  return tower;
}

/** The layers alone; `head` reads their stream. */
export function bertTower(config: ConfigReader, weights: WeightReader, kind: BertKind, head?: HeadSpec): TextStack {
  config.only('is_decoder', false);
  config.only('add_cross_attention', false);
  const { spec, positions, padding } = bertStack(config, weights, kind, {});
  return {
    positions,
    ...(kind === 'bert' ? {} : { place: placeAfter(padding) }),
    spec: { ...spec, ...(head === undefined ? {} : { head }) },
  };
}

/**
 * A decoder that reads a memory of rows of `memoryWidth` numbers. Its head gives the logits of the next token.
 * @param checkpoint reads at the decoder's prefix
 */
export function bertDecoder(
  config: ConfigReader,
  checkpoint: WeightReader,
  kind: BertKind,
  { rows, memoryWidth }: { readonly rows: 'all' | 'last'; readonly memoryWidth: number },
): LanguageStack {
  config.only('is_decoder', true);
  config.only('add_cross_attention', true);
  const model = checkpoint.below([`${kind}.`, '']);
  const { spec, positions, padding } = bertStack(config, model, kind, { causal: true, memoryWidth });
  return {
    positions,
    ...(kind === 'bert' ? {} : { place: placeAfter(padding) }),
    spec: { ...spec, head: predict(config, checkpoint, model, kind, rows) },
  };
}

/** Most tokens of a text: RoBERTa's positions begin after the padding's id. */
export function bertPositions(config: ConfigReader, kind: BertKind): number {
  const rows = config.count('max_position_embeddings', POSITIONS);
  return kind === 'bert' ? rows : rows - config.id('pad_token_id', DEFAULTS[kind].padding) - 1;
}

function bertStack(
  config: ConfigReader,
  weights: WeightReader,
  kind: BertKind,
  layers: { readonly causal?: boolean; readonly memoryWidth?: number },
): { readonly spec: StackSpec; readonly positions: number; readonly padding: number } {
  config.only('position_embedding_type', 'absolute');
  const shape = readEncoderShape(config, SHAPE);
  const { width } = shape;
  const { vocabulary } = DEFAULTS[kind];
  const shared = { ...shape, vocabulary, positions: POSITIONS, segments: 2 };
  const tokens = bertEmbedding(config, weights.below('embeddings.'), shared);
  return {
    padding: config.id('pad_token_id', DEFAULTS[kind].padding),
    positions: bertPositions(config, kind),
    spec: {
      name: config.model,
      width,
      tokens,
      layers: transformerLayers(weights, ['encoder.layer.'], BERT_LAYER, shape, { norms: 'after', ...layers }),
    },
  };
}

function tokenEmbeddings(config: ConfigReader, weights: WeightReader, kind: BertKind, width: number) {
  const vocabulary = config.count('vocab_size', DEFAULTS[kind].vocabulary);
  return weights.take('embeddings.word_embeddings.weight', [vocabulary, width]);
}

/** tanh(dense(first token)), where the file has a pooler. */
function pool(weights: WeightReader, width: number): HeadSpec | undefined {
  if (!weights.has(['pooler.dense.weight', 'pooler.dense.bias'])) return undefined;
  return { rows: 'first', ...bertPooler(weights, width) };
}

/** tanh(dense(row)). */
export function bertPooler(weights: WeightReader, width: number) {
  return denseTanh(weights, 'pooler.dense', width);
}

/** The logits: BERT classifies what its pooler gives; RoBERTa has a layer like it inside the classifier, and no pooler. */
function classify(
  config: ConfigReader,
  checkpoint: WeightReader,
  model: WeightReader,
  kind: BertKind,
  width: number,
): HeadSpec {
  const shape = { inputs: width, outputs: readLabelCount(config) };
  if (kind === 'bert') {
    const logits = linear(checkpoint, 'classifier', shape);
    return { rows: 'first', ...bertPooler(model, width), more: [{ linear: logits }] };
  }
  const logits = linear(checkpoint, 'classifier.out_proj', shape);
  return { rows: 'first', ...denseTanh(checkpoint, 'classifier.dense', width), more: [{ linear: logits }] };
}

function predict(
  config: ConfigReader,
  checkpoint: WeightReader,
  model: WeightReader,
  kind: BertKind,
  rows: 'all' | 'last',
): HeadSpec {
  const { width, epsilon, activation } = readEncoderShape(config, SHAPE);
  const tokens = tokenEmbeddings(config, model, kind, width);
  const [vocabulary = 0] = tokens.shape;
  const tied = config.flag('tie_word_embeddings', true) ? { tied: tokens } : {};
  // RoBERTa's head has the exact GELU whatever the layers have.
  const shape = { width, vocabulary, epsilon, activation: kind === 'bert' ? activation : ('gelu' as const), ...tied };
  const [first, ...more] = vocabularyHead(checkpoint, VOCABULARY_HEAD[kind], shape);
  return { rows, ...first, more };
}

/** RoBERTa's positions: tokens count on from the padding's id, which padding itself keeps. */
export function placeAfter(padding: number): (ids: readonly number[], cached?: number) => readonly number[] {
  return (ids, cached = 0) => {
    let position = padding + cached;
    return ids.map((id) => (id === padding ? padding : ++position));
  };
}
