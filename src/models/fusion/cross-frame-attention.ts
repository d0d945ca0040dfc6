/**
 * Cross-frame attention: what the frames of a video tell each other. Each frame's class row becomes a message, messages
 * attend to one another, and each goes back to its frame:
 *   m_t = W c_t,   m = m + Attention(LN(m)) over the frames
 * Source: Ni et al., Expanding Language-Image Pretrained Models for General Video Recognition (X-CLIP, 2022).
 */
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { layerNorm, linear, stackedLinear } from '../blocks/linear.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';

export interface CrossFrameSpec {
  readonly width: number;
  readonly message: LinearSpec;
  readonly exchange: StackSpec;
}

/** Weights by X-CLIP's names: message_fc, message_ln, message_attn.q_proj, … Throws `model/bad-weights`. */
export function crossFrameAttention(
  weights: WeightReader,
  { name, heads, epsilon }: { readonly name: string; readonly heads: number; readonly epsilon: number },
): CrossFrameSpec {
  const [width = 0] = sidesOf(weights, 'message_fc.weight', 2);
  const square = { inputs: width, outputs: width };
  return {
    width,
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
