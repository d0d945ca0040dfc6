/**
 * Scaled dot-product attention (Vaswani et al. 2017) as an operator of its own, with a streaming softmax: the matrix of
 * scores never exists.
 */
import { expectNumber, expectTensor, expectWhole, refuse } from './argument.ts';
import { nativeAddon } from './loader.ts';
import { type OperatorOptions, tensorOf } from './rows.ts';
import type { Tensor } from './tensor.ts';

export interface AttentionOptions extends OperatorOptions {
  readonly heads: number;
  /** Heads of keys and values, which `heads` is a multiple of; the same number when left out. */
  readonly keyHeads?: number;
  /** 1 / sqrt(head size) when left out. */
  readonly scale?: number;
  /** Query i sees keys 0 to i + keys - queries. */
  readonly causal?: boolean;
  /** Keys at the start that every query sees although it is causal. */
  readonly prefix?: number;
  /** [batch, keys], added to the scores: -infinity hides a key. */
  readonly keyBias?: Tensor;
  /** [1 or batch, 1 or heads, queries, keys], added to the scores. */
  readonly bias?: Tensor;
}

/** Largest head of native/ops/attention.h. */
const MOST_HEAD_SIZE = 256;

/**
 * query [batch, queries, heads * size]; key and value [batch, keys, keyHeads * size]; gives [batch, queries, heads *
 * size]. A query that sees no key gives zeros. Rejects with `native/bad-argument`, `native/released`,
 * `native/out-of-memory`, `run/cancelled`.
 */
export async function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Promise<Tensor> {
  const operator = 'attention';
  const { heads, keyHeads = heads, causal = false, prefix = 0, keyBias, bias, signal } = options;
  expectWhole(operator, 'heads', heads, 1, Number.MAX_SAFE_INTEGER);
  expectWhole(operator, 'keyHeads', keyHeads, 1, heads);
  if (heads % keyHeads !== 0) refuse(operator, 'keyHeads', `a divisor of ${heads}`, keyHeads);
  expectTensor(operator, 'query', query, ['batch', 'queries', 'width']);
  const [batch = 0, queries = 0, width = 0] = query.shape;
  const size = width / heads;
  if (!Number.isInteger(size) || size < 1 || size > MOST_HEAD_SIZE) {
    refuse(operator, 'heads', `heads of 1 to ${MOST_HEAD_SIZE} numbers of the query's ${width}`, heads);
  }
  expectTensor(operator, 'key', key, [batch, 'keys', keyHeads * size]);
  const keys = key.shape[1]!;
  expectTensor(operator, 'value', value, [batch, keys, keyHeads * size]);
  if (causal && keys < queries) refuse(operator, 'key', `at least ${queries} keys, one for each query`, keys);
  const scale = options.scale ?? 1 / Math.sqrt(size);
  expectNumber(operator, 'scale', scale, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (keyBias !== undefined) expectTensor(operator, 'keyBias', keyBias, [batch, keys]);
  if (bias !== undefined) checkBias(operator, bias, batch, heads, queries, keys);
  const request = {
    query: query.handle,
    key: key.handle,
    value: value.handle,
    heads,
    keyHeads,
    scale,
    causal,
    causalOffset: causal ? keys - queries : 0,
    prefix: expectWhole(operator, 'prefix', prefix, 0, keys),
    ...(keyBias === undefined ? {} : { keyBias: keyBias.handle }),
    ...(bias === undefined ? {} : { bias: bias.handle }),
  };
  return await tensorOf(operator, () => nativeAddon().attendRows(request), signal);
}

function checkBias(operator: string, bias: Tensor, batch: number, heads: number, queries: number, keys: number): void {
  expectTensor(operator, 'bias', bias, [`1 or ${batch}`, `1 or ${heads}`, queries, keys]);
  const [items, layers] = bias.shape;
  const fits = (items === 1 || items === batch) && (layers === 1 || layers === heads);
  if (!fits) refuse(operator, 'bias', `[1 or ${batch}, 1 or ${heads}, ${queries}, ${keys}]`, `[${bias.shape}]`);
}
