/**
 * BERT: token, position and segment embeddings, then post-norm layers that see the whole text; and RoBERTa, which counts
 * positions over the tokens that are no padding.
 * Checkpoints of transformers' BertModel, BertForSequenceClassification, RobertaModel, RobertaForSequenceClassification.
 * Sources: Devlin et al., BERT (2018); Liu et al., RoBERTa (2019).
 */
import type { HeadSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { denseTanh } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

type Kind = 'bert' | 'roberta';

export const BERT_LAYER: LayerNames = {
  attention: { query: 'attention.self.query', key: 'attention.self.key', value: 'attention.self.value' },
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  feedForwardNorm: 'output.LayerNorm',
};

const SHAPE = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };
const DEFAULTS = { bert: { vocabulary: 30_522, padding: 0 }, roberta: { vocabulary: 50_265, padding: 1 } } as const;

const ARCHITECTURES = {
  bert: ['BertModel', 'BertForSequenceClassification'],
  roberta: ['RobertaModel', 'RobertaForSequenceClassification'],
} as const;

/** Old files also hold the numbers 0, 1, 2, … and zeros; `finish` may ignore them. */
export const BERT_BUFFERS = /(?:^|\.)embeddings\.(?:position_ids|token_type_ids)$/;

/** Also the heads of pretraining, which bare models of well-known checkpoints still carry. */
const UNUSED = [BERT_BUFFERS, /^cls\./, /^lm_head\./];

/**
 * The head gives the logits of a classifier, or the pooled first token of a bare model where that has a pooler.
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function bert({ config, weights }: Checkpoint, kind: Kind, architecture?: string): TextStack {
  const [base, classifier] = ARCHITECTURES[kind];
  const chosen = readArchitecture(config, [base, classifier], architecture);
  const model = weights.below([`${kind}.`, '']);
  const { width } = readEncoderShape(config, SHAPE);
  const isClassifier = chosen === classifier;
  const head = isClassifier ? classify(config, weights, model, kind, width) : pool(model, width);
  const tower = bertTower(config, model, kind, head);
  // RoBERTa's classifiers have no pooler, though some files hold one.
  weights.finish({ ignore: [...UNUSED, isClassifier ? /(?:^|\.)pooler\./ : /^classifier\./] });
  return tower;
}

/** The layers alone; `head` reads their stream. */
export function bertTower(config: ConfigReader, weights: WeightReader, kind: Kind, head?: HeadSpec): TextStack {
  config.only('is_decoder', false);
  config.only('add_cross_attention', false);
  config.only('position_embedding_type', 'absolute');
  const shape = readEncoderShape(config, SHAPE);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', DEFAULTS[kind].vocabulary);
  const rows = config.count('max_position_embeddings', 512);
  const padding = config.id('pad_token_id', DEFAULTS[kind].padding);
  const segments = config.count('type_vocab_size', 2);
  return {
    ...(kind === 'bert' ? { positions: rows } : { positions: rows - padding - 1, place: placeAfter(padding) }),
    spec: {
      name: config.model,
      width,
      tokens: {
        tokens: weights.take('embeddings.word_embeddings.weight', [vocabulary, width]),
        positions: weights.take('embeddings.position_embeddings.weight', [rows, width]),
        segments: weights.take('embeddings.token_type_embeddings.weight', [segments, width]),
        norm: layerNorm(weights, 'embeddings.LayerNorm', width, shape.epsilon),
      },
      layers: transformerLayers(weights, ['encoder.layer.'], BERT_LAYER, shape, { norms: 'after' }),
      ...(head === undefined ? {} : { head }),
    },
  };
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

/** The logits: BERT classifies what its pooler gives; RoBERTa has a layer like it inside the classifier. */
function classify(
  config: ConfigReader,
  checkpoint: WeightReader,
  model: WeightReader,
  kind: Kind,
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

/** RoBERTa's positions: tokens count on from the padding's id, which padding itself keeps. */
export function placeAfter(padding: number): (ids: readonly number[]) => readonly number[] {
  return (ids) => {
    let position = padding;
    return ids.map((id) => (id === padding ? padding : ++position));
  };
}
