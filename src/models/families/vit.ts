/**
 * ViT: patches, a class token, pre-norm layers; and DeiT, which has a distillation token more.
 * Checkpoints of transformers' ViTModel, ViTForImageClassification, DeiTModel, DeiTForImageClassification.
 * Sources: Dosovitskiy et al., An Image is Worth 16x16 Words (2020); Touvron et al., Training data-efficient image
 * transformers & distillation through attention (2020).
 */
import type { HeadSpec, HeadStepSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

/** The names of hub checkpoints, then those that transformers 5 gives the same parts in memory. */
export const VIT_LAYER: LayerNames = {
  attention: {
    query: ['attention.attention.query', 'attention.q_proj'],
    key: ['attention.attention.key', 'attention.k_proj'],
    value: ['attention.attention.value', 'attention.v_proj'],
  },
  attentionOutput: ['attention.output.dense', 'attention.o_proj'],
  attentionNorm: 'layernorm_before',
  up: ['intermediate.dense', 'mlp.fc1'],
  down: ['output.dense', 'mlp.fc2'],
  feedForwardNorm: 'layernorm_after',
};

const DEFAULTS = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };

const TOKENS = {
  vit: ['embeddings.cls_token'],
  deit: ['embeddings.cls_token', 'embeddings.distillation_token'],
} as const;

const ARCHITECTURES = {
  vit: ['ViTModel', 'ViTForImageClassification'],
  deit: ['DeiTModel', 'DeiTForImageClassification'],
} as const;

/** Parts of the same checkpoints that only training and other tasks use. */
const UNUSED = [/(?:^|\.)embeddings\.mask_token$/, /^decoder\./];

/**
 * The head gives the logits of a classifier, or the pooled class token of a bare model where that has a pooler.
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function vit({ config, weights }: Checkpoint, kind: 'vit' | 'deit', architecture?: string): PictureStack {
  const [base, classifier] = ARCHITECTURES[kind];
  const chosen = readArchitecture(config, [base, classifier], architecture);
  const model = weights.below([`${kind}.`, '']);
  const width = readEncoderShape(config, DEFAULTS).width;
  const hasPooler = model.has(['pooler.dense.weight', 'pooler.dense.bias']);
  const step =
    chosen === classifier
      ? { linear: linear(weights, 'classifier', { inputs: width, outputs: readLabelCount(config) }) }
      : hasPooler && vitPooler(config, model, width);
  const tower = vitTower(config, model, kind, step ? { rows: 'first', ...step } : undefined);
  const otherHeads = chosen === classifier ? [/(?:^|\.)pooler\./] : [/^(?:\w+_)?classifier\./];
  weights.finish({ ignore: [...UNUSED, ...otherHeads] });
  return tower;
}

/** The layers alone, their stream normalised at the end; `head` reads it. */
export function vitTower(
  config: ConfigReader,
  weights: WeightReader,
  kind: 'vit' | 'deit',
  head?: HeadSpec,
): PictureStack {
  const shape = readEncoderShape(config, DEFAULTS);
  const picture = readPictureShape(config, { size: 224, patch: 16 });
  const { width } = shape;
  const names = {
    project: 'embeddings.patch_embeddings.projection',
    leading: TOKENS[kind].map((name) => ({ name, axes: [1, 1] })),
    positions: (rows: number) => ({ name: 'embeddings.position_embeddings', axes: [1, rows] }),
  };
  return {
    channels: picture.channels,
    size: picture.size,
    spec: {
      name: config.model,
      width,
      patches: patchEmbedding(weights, names, picture, width),
      layers: transformerLayers(weights, ['encoder.layer.', 'layers.', 'encoder.layers.'], VIT_LAYER, shape, {
        norms: 'before',
        queryKeyValueBias: config.flag('qkv_bias', true),
      }),
      norm: layerNorm(weights, 'layernorm', width, shape.epsilon),
      ...(head === undefined ? {} : { head }),
    },
  };
}

/** activation(dense(row)). */
export function vitPooler(config: ConfigReader, weights: WeightReader, width: number): HeadStepSpec {
  const outputs = config.count('pooler_output_size', width);
  return {
    linear: linear(weights, 'pooler.dense', { inputs: width, outputs }),
    activation: readActivation(config, 'pooler_act', 'tanh'),
  };
}
