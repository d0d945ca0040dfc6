/**
 * Cross-attention alone: rows that ask others,
 *   x = LN(x + Attention(Q x, K y, V y))   with the norm after, or   x = x + Attention(Q LN(x), K y, V y)
 * as decoders (Vaswani et al., Attention Is All You Need, 2017), LXMERT (Tan & Bansal 2019) and BLIP (Li et al. 2022) have it.
 */
import type { StackSpec } from '../../native/stack-spec.ts';
import { type CrossAttentionNames, crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm } from '../blocks/linear.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';

const QUERY = ['crossattention.self.query', 'att.query', 'encoder_attn.q_proj', 'cross_attn.q', 'crossattention.q'];

/** What BERT's heirs, LXMERT and decoders call the parts. */
const NAMES: CrossAttentionNames = {
  query: QUERY,
  keyValue: {
    key: QUERY.map((name) => name.replace('query', 'key').replace(/\bq(_proj)?$/, 'k$1')),
    value: QUERY.map((name) => name.replace('query', 'value').replace(/\bq(_proj)?$/, 'v$1')),
  },
  output: ['crossattention.output.dense', 'output.dense', 'encoder_attn.out_proj', 'cross_attn.o', 'crossattention.o'],
};

const NORM = ['crossattention.output.LayerNorm', 'output.LayerNorm', 'encoder_attn_layer_norm', 'ln_cross', 'norm'];

export interface CrossLayerShape {
  /** How errors name it. */
  readonly name: string;
  readonly heads: number;
  readonly norm: 'before' | 'after' | 'none';
  /** Without, only what the attention gives comes out. */
  readonly residual: boolean;
  readonly epsilon: number;
}

export interface CrossLayerSpec {
  readonly stack: StackSpec;
  /** Width of the rows that are asked. */
  readonly memoryWidth: number;
  /** Width of queries, all heads together. */
  readonly inner: number;
}

/** Its sizes are those of the weights. Throws `model/bad-weights`. */
export function crossAttentionLayer(
  weights: WeightReader,
  { name, heads, norm, residual, epsilon }: CrossLayerShape,
): CrossLayerSpec {
  const [inner = 0, width = 0] = sidesOf(weights, suffixed(QUERY), 2);
  const [, memoryWidth = 0] = sidesOf(weights, suffixed((NAMES.keyValue as { key: readonly string[] }).key), 2);
  const attention = crossAttention(weights, NAMES, { width, memoryWidth, heads, inner });
  const normed = norm === 'none' ? {} : { [norm]: layerNorm(weights, NORM, width, epsilon) };
  const plain = residual ? {} : { residual: false };
  return { memoryWidth, inner, stack: { name, width, layers: [[{ ...normed, ...plain, crossAttention: attention }]] } };
}

function suffixed(names: readonly string[]): string[] {
  return names.map((name) => `${name}.weight`);
}
