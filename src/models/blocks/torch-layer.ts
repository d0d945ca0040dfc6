/**
 * The layers of torch.nn.TransformerEncoderLayer by their weights' names: queries, keys and
 * values lie in one tensor without a suffix.
 */
import type { LinearSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { layerNorm, linear } from './linear.ts';
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
      qkv: projection(weights, 'self_attn', width),
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

function projection(weights: WeightReader, name: string, width: number) {
  return {
    weight: weights.take(`${name}.in_proj_weight`, [3 * width, width]),
    bias: weights.take(`${name}.in_proj_bias`, [3 * width]),
  } satisfies LinearSpec;
}
