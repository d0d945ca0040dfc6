/**
 * Cross-attention by weight names: queries from the stream, keys and values from a memory, which may have another width.
 * Source: Vaswani et al., Attention Is All You Need (2017).
 */
import type { CrossAttentionSpec } from '../../native/stack-spec.ts';
import type { WeightName, WeightReader } from '../weights/weight-reader.ts';
import { linear, stackedLinear } from './linear.ts';

export interface CrossAttentionNames {
  readonly query: WeightName;
  /** Two matrices, or one that holds keys and values one after the other. */
  readonly keyValue: { readonly key: WeightName; readonly value: WeightName } | { readonly fused: WeightName };
  readonly output: WeightName;
}

export interface CrossAttentionShape {
  readonly width: number;
  /** Width of the memory's rows; that of the stream when left out. */
  readonly memoryWidth?: number;
  readonly heads: number;
  /** Width of queries, keys and values, all heads together; that of the stream when left out. */
  readonly inner?: number;
  /** Left out: all four matrices have one. */
  readonly bias?: boolean;
}

/** @param memory which of the run's memories is read */
export function crossAttention(
  weights: WeightReader,
  names: CrossAttentionNames,
  { width, memoryWidth = width, heads, inner = width, bias = true }: CrossAttentionShape,
  memory = 0,
): CrossAttentionSpec {
  const { keyValue } = names;
  return {
    memory,
    heads,
    headSize: inner / heads,
    query: linear(weights, names.query, { inputs: width, outputs: inner, bias }),
    keyValue:
      'fused' in keyValue
        ? linear(weights, keyValue.fused, { inputs: memoryWidth, outputs: 2 * inner, bias })
        : stackedLinear(weights, [keyValue.key, keyValue.value], { inputs: memoryWidth, outputs: inner, bias }),
    output: linear(weights, names.output, { inputs: inner, outputs: width, bias }),
  };
}
