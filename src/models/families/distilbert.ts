/**
 * DistilBERT: BERT's layers without segments and pooler, half as many of them. Checkpoints of transformers'
 * DistilBertModel, DistilBertForSequenceClassification, DistilBertForMaskedLM.
 * Source: Sanh et al., DistilBERT, a distilled version of BERT (2019).
 */
import type { HeadSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type EncoderShape, type LayerNames, readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import { vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader, WeightRef } from '../weights/weight-reader.ts';

const LAYER: LayerNames = {
  attention: { query: 'attention.q_lin', key: 'attention.k_lin', value: 'attention.v_lin' },
  attentionOutput: 'attention.out_lin',
  attentionNorm: 'sa_layer_norm',
  up: 'ffn.lin1',
  down: 'ffn.lin2',
  feedForwardNorm: 'output_layer_norm',
};

const VOCABULARY_HEAD = {
  dense: 'vocab_transform',
  norm: 'vocab_layer_norm',
  decoder: 'vocab_projector.weight',
  bias: 'vocab_projector.bias',
};

/** No configuration has it. */
const EPSILON = 1e-12;

const ARCHITECTURES = ['DistilBertModel', 'DistilBertForSequenceClassification', 'DistilBertForMaskedLM'] as const;

/** Buffers of old files, and the heads of other tasks. */
const UNUSED = [/(?:^|\.)embeddings\.position_ids$/, /^vocab_(?:transform|layer_norm|projector)\./];
const CLASSIFIERS = /^(?:pre_)?classifier\./;

/**
 * The head gives the logits of a classifier, or the logits of all tokens of the vocabulary at every place of a masked
 * language model; a bare model has none. Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function distilbert({ config, weights }: Checkpoint, architecture?: string): TextStack {
  const chosen = readArchitecture(config, ARCHITECTURES, architecture);
  const shape = readShape(config);
  const { width } = shape;
  const model = weights.below(['distilbert.', '']);
  const vocabulary = config.count('vocab_size', 30_522);
  const positions = distilbertPositions(config);
  const tokens = model.take('embeddings.word_embeddings.weight', [vocabulary, width]);
  const heads: Readonly<Record<typeof chosen, () => HeadSpec | undefined>> = {
    DistilBertModel: () => undefined,
    DistilBertForSequenceClassification: () => classify(config, weights, width),
    DistilBertForMaskedLM: () => predict(config, weights, shape, tokens),
  };
  const head = heads[chosen]();
  const stack: TextStack = {
    positions,
    spec: {
      name: config.model,
      width,
      tokens: {
        tokens,
        // Sinusoids are stored as well, so `sinusoidal_pos_embds` changes nothing here.
        positions: model.take('embeddings.position_embeddings.weight', [positions, width]),
        norm: layerNorm(model, 'embeddings.LayerNorm', width, EPSILON),
      },
      layers: transformerLayers(model, ['transformer.layer.'], LAYER, shape, { norms: 'after' }),
      ...(head === undefined ? {} : { head }),
    },
  };
  const isClassifier = chosen === 'DistilBertForSequenceClassification';
  weights.finish({ ignore: isClassifier ? UNUSED : [...UNUSED, CLASSIFIERS] });
  return stack;
}

/** Most tokens of a text. */
export function distilbertPositions(config: ConfigReader): number {
  return config.count('max_position_embeddings', 512);
}

function readShape(config: ConfigReader): EncoderShape {
  const width = config.count('dim', 768);
  return {
    width,
    layers: config.count('n_layers', 6),
    heads: readHeads(config, 'n_heads', 12, width),
    inner: config.count('hidden_dim', 3072),
    activation: readActivation(config, 'activation', 'gelu'),
    epsilon: EPSILON,
  };
}

function classify(config: ConfigReader, weights: WeightReader, width: number): HeadSpec {
  return {
    rows: 'first',
    linear: linear(weights, 'pre_classifier', { inputs: width, outputs: width }),
    activation: 'relu',
    more: [{ linear: linear(weights, 'classifier', { inputs: width, outputs: readLabelCount(config) }) }],
  };
}

function predict(config: ConfigReader, weights: WeightReader, shape: EncoderShape, tokens: WeightRef): HeadSpec {
  const [vocabulary = 0] = tokens.shape;
  const tied = config.flag('tie_word_embeddings', true) ? { tied: tokens } : {};
  const [first, ...more] = vocabularyHead(weights, VOCABULARY_HEAD, { ...shape, vocabulary, ...tied });
  return { rows: 'all', ...first, more };
}
