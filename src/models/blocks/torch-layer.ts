/**
 * The layers of torch.nn.TransformerEncoderLayer and TransformerDecoderLayer by their weights' names: queries, keys and
 * values lie in one tensor without a suffix.
 */
import type { SublayerSpec } from '../../native/stack-spec.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { layerNorm, linear, rowsOf } from './linear.ts';
import type { LayerShape } from './transformer-layer.ts';

export interface TorchLayerKind {
  readonly norms: 'before' | 'after';
  readonly causal?: boolean;
}

/** Self-attention and feed-forward network; `weights` reads below the layer's name. */
export function torchEncoderLayer(
  weights: WeightReader,
  shape: LayerShape,
  kind: TorchLayerKind,
): readonly SublayerSpec[] {
  return [selfAttention(weights, shape, kind), feedForward(weights, shape, kind, 'norm2')];
}

/** With attention to the run's first memory, of the same width, between the two. */
export function torchDecoderLayer(
  weights: WeightReader,
  shape: LayerShape,
  kind: TorchLayerKind,
): readonly SublayerSpec[] {
  const { width, heads, epsilon } = shape;
  const weight = weights.take('multihead_attn.in_proj_weight', [3 * width, width]);
  const bias = weights.take('multihead_attn.in_proj_bias', [3 * width]);
  return [
    selfAttention(weights, shape, kind),
    {
      [kind.norms]: layerNorm(weights, 'norm2', width, epsilon),
      crossAttention: {
        memory: 0,
        heads,
        query: { weight: rowsOf(weight, 0, width), bias: rowsOf(bias, 0, width) },
        keyValue: { weight: rowsOf(weight, width, 2 * width), bias: rowsOf(bias, width, 2 * width) },
        output: linear(weights, 'multihead_attn.out_proj', { inputs: width, outputs: width }),
      },
    },
    feedForward(weights, shape, kind, 'norm3'),
  ];
}

function selfAttention(
  weights: WeightReader,
  { width, heads, epsilon }: LayerShape,
  { norms, causal = false }: TorchLayerKind,
): SublayerSpec {
  return {
    [norms]: layerNorm(weights, 'norm1', width, epsilon),
    selfAttention: {
      heads,
      causal,
      qkv: linear(weights, 'self_attn.in_proj', { inputs: width, outputs: 3 * width }),
      output: linear(weights, 'self_attn.out_proj', { inputs: width, outputs: width }),
    },
  };
}

function feedForward(
  weights: WeightReader,
  { width, inner, activation, epsilon }: LayerShape,
  { norms }: TorchLayerKind,
  norm: string,
): SublayerSpec {
  return {
    [norms]: layerNorm(weights, norm, width, epsilon),
    feedForward: {
      up: linear(weights, 'linear1', { inputs: width, outputs: inner }),
      down: linear(weights, 'linear2', { inputs: inner, outputs: width }),
      activation,
    },
  };
}
