/** One row of the rows of a text's tokens, whose padding does not count. Knows no family and no files. */
import { concat, gatherRows, mean, multiply, reshape } from '../../native/arrange.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Tensor } from '../../native/tensor.ts';
import { pickRows } from '../blocks/rows.ts';
import type { Pooling } from './sentence-form.ts';

/**
 * float32 [texts, width times poolings] of rows [texts, length, width] and their mask: 1 is a token, 0 is padding. Every
 * text has a token. Rejects with `native/out-of-memory`, `run/cancelled`.
 */
export async function poolSentences(
  rows: Tensor,
  mask: readonly number[],
  poolings: readonly Pooling[],
  options: OperatorOptions = {},
): Promise<Tensor> {
  const parts: Tensor[] = [];
  try {
    for (const pooling of poolings) parts.push(await poolOnce(rows, mask, pooling, options));
    return parts.length === 1 ? reshape(parts[0]!, parts[0]!.shape) : await concat(parts, 1, options);
  } finally {
    for (const part of parts) part.release();
  }
}

async function poolOnce(rows: Tensor, mask: readonly number[], pooling: Pooling, options: OperatorOptions) {
  const [texts = 0, length = 0, width = 0] = rows.shape;
  const masks = Array.from({ length: texts }, (_, text) => mask.slice(text * length, (text + 1) * length));
  if (pooling === 'cls' || pooling === 'lasttoken') {
    const places = masks.map((one) => [pooling === 'cls' ? one.indexOf(1) : one.lastIndexOf(1)]);
    using picked = await pickRows(rows, places, options);
    return reshape(picked, [texts, width]);
  }
  // Padding becomes rows of zeros, which add nothing to the mean of all rows; what is left is to count the tokens alone.
  const places = Int32Array.from(mask, (isToken, place) => (isToken === 1 ? place : -1));
  using tokens = await gatherRows(rows, places, [texts, length], options);
  using means = await mean(tokens, 1, options);
  const scales = masks.map((one) => {
    const count = one.reduce((sum, isToken) => sum + isToken, 0);
    return length / (pooling === 'mean' ? count : Math.sqrt(count));
  });
  const scale = Float32Array.from({ length: texts * width }, (_, place) => scales[Math.floor(place / width)]!);
  using factors = Tensor.from(scale, [texts, width]);
  return await multiply(means, factors, options);
}
