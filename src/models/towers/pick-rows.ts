/** Rows of a stream that stands in the addon: chosen ones of each item, or a stretch of all. */
import { gatherRows } from '../../native/arrange.ts';
import type { Tensor } from '../../native/tensor.ts';

/**
 * `rows[item]` are the rows of an item of x [items, length, width]; as many for each. Gives [items, rows, width].
 * Rejects as `gatherRows` does.
 */
export function pickRows(x: Tensor, rows: readonly (readonly number[])[], signal?: AbortSignal): Promise<Tensor> {
  const [, length = 0] = x.shape;
  const places = rows.flatMap((list, item) => list.map((row) => item * length + row));
  return gatherRows(x, Int32Array.from(places), [rows.length, rows[0]?.length ?? 0], { signal });
}

/** Rows `start` to `end` of every item. Rejects as `gatherRows` does. */
export function cutRows(x: Tensor, start: number, end: number, signal?: AbortSignal): Promise<Tensor> {
  const [items = 0] = x.shape;
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  return pickRows(x, new Array<number[]>(items).fill(rows), signal);
}
