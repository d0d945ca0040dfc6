/**
 * Cross-frame attention: what the frames of a video tell each other. Each frame's class row becomes a message, messages
 * attend to one another, and each goes back to its frame:
 *   m_t = W c_t,   m = m + Attention(LN(m)) over the frames
 * Source: Ni et al., Expanding Language-Image Pretrained Models for General Video Recognition (X-CLIP, 2022).
 */
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { layerNorm, linear, stackedLinear } from '../blocks/linear.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

export interface CrossFrameSpec {
  readonly message: LinearSpec;
  readonly exchange: StackSpec;
}

export interface CrossFrameShape {
  /** How errors name it. */
  readonly name: string;
  readonly width: number;
  readonly heads: number;
  readonly epsilon: number;
}

/** Weights by X-CLIP's names: message_fc, message_ln, message_attn.q_proj, … */
export function crossFrameAttention(
  weights: WeightReader,
  { name, width, heads, epsilon }: CrossFrameShape,
): CrossFrameSpec {
  const square = { inputs: width, outputs: width };
  return {
    message: linear(weights, 'message_fc', square),
    exchange: {
      name,
      width,
      layers: [
        [
          {
            before: layerNorm(weights, 'message_ln', width, epsilon),
            selfAttention: {
              heads,
              qkv: stackedLinear(
                weights,
                ['q_proj', 'k_proj', 'v_proj'].map((part) => `message_attn.${part}`),
                square,
              ),
              output: linear(weights, 'message_attn.out_proj', square),
            },
          },
        ],
      ],
    },
  };
}
