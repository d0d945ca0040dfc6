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
  /** Left out: all matrices have one. */
  readonly bias?: boolean;
  /** Scores are multiplied by it; 1 / sqrt(head size) when left out. */
  readonly scoreScale?: number;
  /** Matrices are stored [inputs, outputs]. */
  readonly inputsFirst?: boolean;
}

/** Attention to the run's first memory. */
export function crossAttention(
  weights: WeightReader,
  { query, keyValue, output }: CrossAttentionNames,
  shape: CrossAttentionShape,
): CrossAttentionSpec {
  const { width, memoryWidth = width, heads, inner = width, bias = true, scoreScale, inputsFirst = false } = shape;
  const matrix = { bias, inputsFirst };
  return {
    memory: 0,
    heads,
    headSize: inner / heads,
    ...(scoreScale === undefined ? {} : { scale: scoreScale }),
    query: linear(weights, query, { inputs: width, outputs: inner, ...matrix }),
    keyValue:
      'fused' in keyValue
        ? linear(weights, keyValue.fused, { inputs: memoryWidth, outputs: 2 * inner, ...matrix })
        : stackedLinear(weights, [keyValue.key, keyValue.value], { inputs: memoryWidth, outputs: inner, ...matrix }),
    output: linear(weights, output, { inputs: inner, outputs: width, ...matrix }),
  };
}
