/**
 * The layer of Llama and of what is built from it: RMS norms before, rotary positions, grouped key heads, a gated
 * feed-forward network. Must not know families.
 * Sources: Touvron et al., LLaMA (2023); Zhang and Sennrich, RMSNorm (2019); Shazeer, GLU Variants (2020); Ainslie et al.,
 * GQA (2023).
 */
import type { ActivationName, FeedForwardSpec, NormSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { linear } from './linear.ts';

export interface LlamaShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly inner: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
  /** Biases of the attention's four matrices. */
  readonly attentionBias: boolean;
  readonly feedForwardBias: boolean;
}

/** One layer; `weights` reads below its name. */
export function llamaLayer(weights: WeightReader, shape: LlamaShape): readonly SublayerSpec[] {
  const { width, heads, keyHeads, headSize, epsilon, attentionBias: bias } = shape;
  const [query, key, value] = (
    [
      ['q', heads],
      ['k', keyHeads],
      ['v', keyHeads],
    ] as const
  ).map(([name, count]) =>
    linear(weights, `self_attn.${name}_proj`, { inputs: width, outputs: count * headSize, bias }),
  );
  const parts = [query!, key!, value!];
  return [
    {
      before: rmsNorm(weights, 'input_layernorm', width, epsilon),
      selfAttention: {
        ...{ heads, keyHeads, headSize, causal: true, rotary: true },
        qkv: {
          weight: parts.flatMap((part) => part.weight),
          ...(bias ? { bias: parts.flatMap((part) => part.bias) } : {}),
        },
        output: linear(weights, 'self_attn.o_proj', { inputs: heads * headSize, outputs: width, bias }),
      },
    },
    {
      before: rmsNorm(weights, 'post_attention_layernorm', width, epsilon),
      feedForward: gatedFeedForward(weights, 'mlp', shape),
    },
  ];
}

/** down(activation(gate(x)) * up(x)). */
export function gatedFeedForward(
  weights: WeightReader,
  name: string,
  { width, inner, activation, feedForwardBias: bias }: LlamaShape,
): FeedForwardSpec {
  return {
    gate: linear(weights, `${name}.gate_proj`, { inputs: width, outputs: inner, bias }),
    up: linear(weights, `${name}.up_proj`, { inputs: width, outputs: inner, bias }),
    down: linear(weights, `${name}.down_proj`, { inputs: inner, outputs: width, bias }),
    activation,
  };
}

export function rmsNorm(weights: WeightReader, name: string, width: number, epsilon: number): NormSpec {
  return { kind: 'rms', weight: weights.take(`${name}.weight`, [width]), epsilon };
}
