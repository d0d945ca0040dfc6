/**
 * DINOv2: a ViT with layer scale, in its largest form with a gated feed-forward network, whose positions follow pictures of
 * any size. Checkpoints of transformers' Dinov2Model.
 * Source: Oquab et al., DINOv2: Learning Robust Visual Features without Supervision (2023).
 */
import type { FeedForwardSpec, HeadSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear, rowsOf } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { type EncoderShape, type LayerNames, readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

/** The names of hub checkpoints, then those that transformers 5 gives the same parts in memory. */
const LAYER: LayerNames = {
  attention: {
    query: ['attention.attention.query', 'attention.q_proj'],
    key: ['attention.attention.key', 'attention.k_proj'],
    value: ['attention.attention.value', 'attention.v_proj'],
  },
  attentionOutput: ['attention.output.dense', 'attention.o_proj'],
  attentionNorm: 'norm1',
  up: 'mlp.fc1',
  down: 'mlp.fc2',
  feedForwardNorm: 'norm2',
  scales: ['layer_scale1.lambda1', 'layer_scale2.lambda1'],
};

const POSITIONS = (rows: number) => ({ name: 'embeddings.position_embeddings', axes: [1, rows] });

/** The mask token of pretraining. */
export const DINOV2_UNUSED = [/(?:^|\.)embeddings\.mask_token$/];

/**
 * The head gives the class token after the last norm, as `pooler_output` in transformers.
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function dinov2({ config, weights }: Checkpoint, architecture?: string): PictureStack {
  readArchitecture(config, ['Dinov2Model'], architecture);
  const tower = dinov2Tower(config, weights.below(['dinov2.', '']), { rows: 'first' });
  weights.finish({ ignore: [...DINOV2_UNUSED, /^classifier\./] });
  return tower;
}

/** The layers alone, their stream normalised at the end; `head` reads it. */
export function dinov2Tower(config: ConfigReader, weights: WeightReader, head?: HeadSpec): PictureStack {
  const shape = readShape(config);
  const picture = readPictureShape(config, { size: 224, patch: 14 });
  const { width } = shape;
  const leading = [{ name: 'embeddings.cls_token', axes: [1, 1] }];
  const names = { project: 'embeddings.patch_embeddings.projection', leading, positions: POSITIONS };
  return {
    channels: picture.channels,
    size: picture.size,
    anySize: true,
    spec: {
      name: config.model,
      width,
      patches: patchEmbedding(weights, names, picture, width),
      layers: transformerLayers(weights, ['encoder.layer.', 'layers.', 'encoder.layers.'], LAYER, shape, {
        norms: 'before',
        queryKeyValueBias: config.flag('qkv_bias', true),
        ...(config.flag('use_swiglu_ffn', false) ? { feedForward: (layer) => swiglu(layer, width, shape.inner) } : {}),
      }),
      norm: layerNorm(weights, 'layernorm', width, shape.epsilon),
      ...(head === undefined ? {} : { head }),
    },
  };
}

/**
 * down(silu(gate(x)) * up(x)) (Shazeer 2020, GLU Variants Improve Transformer), two thirds as wide, in steps of 8. Published
 * files hold gate and up as one matrix, one after the other.
 */
function swiglu(weights: WeightReader, width: number, whole: number): FeedForwardSpec {
  const inner = 8 * Math.floor((Math.trunc((whole * 2) / 3) + 7) / 8);
  const down = linear(weights, ['mlp.weights_out', 'mlp.down_proj'], { inputs: inner, outputs: width });
  if (weights.has('mlp.gate_proj.weight')) {
    const shape = { inputs: width, outputs: inner };
    return {
      ...{ down, activation: 'silu' },
      gate: linear(weights, 'mlp.gate_proj', shape),
      up: linear(weights, 'mlp.up_proj', shape),
    };
  }
  const weight = weights.take('mlp.weights_in.weight', [2 * inner, width]);
  const bias = weights.take('mlp.weights_in.bias', [2 * inner]);
  const half = (start: number) => ({ weight: rowsOf(weight, start, inner), bias: rowsOf(bias, start, inner) });
  return { gate: half(0), up: half(inner), down, activation: 'silu' };
}

function readShape(config: ConfigReader): EncoderShape {
  const width = config.count('hidden_size', 768);
  return {
    width,
    layers: config.count('num_hidden_layers', 12),
    heads: readHeads(config, 'num_attention_heads', 12, width),
    inner: Math.trunc(width * config.number('mlp_ratio', 4)),
    activation: readActivation(config, 'hidden_act', 'gelu'),
    epsilon: config.number('layer_norm_eps', 1e-6),
  };
}
