/** Rows of the items of a batch [batch, length, width]: a part of them, chosen ones, one of them many times. */
import { gatherRows } from '../../native/arrange.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import type { Tensor } from '../../native/tensor.ts';

/** Rows `start` to `start + count` of every item: [batch, count, width]. Rejects as `gatherRows` does. */
export function sliceRows(x: Tensor, start: number, count: number, options: OperatorOptions = {}): Promise<Tensor> {
  return rowsOfEach(x, count, (row) => start + row, options);
}

/** Row `row` of every item, `count` times: [batch, count, width]. Rejects as `gatherRows` does. */
export function repeatRow(x: Tensor, row: number, count: number, options: OperatorOptions = {}): Promise<Tensor> {
  return rowsOfEach(x, count, () => row, options);
}

/** `rows[item]` are the rows of an item, as many for each: [batch, rows, width]. Rejects as `gatherRows` does. */
export function pickRows(
  x: Tensor,
  rows: readonly (readonly number[])[],
  options: OperatorOptions = {},
): Promise<Tensor> {
  const [, length = 0] = x.shape;
  const places = rows.flatMap((list, item) => list.map((row) => item * length + row));
  return gatherRows(x, Int32Array.from(places), [rows.length, rows[0]?.length ?? 0], options);
}

/** The first row of every item: [batch, width]. Rejects as `gatherRows` does. */
export function firstRows(x: Tensor, options: OperatorOptions = {}): Promise<Tensor> {
  const [batch = 0, length = 0] = x.shape;
  const rows = Int32Array.from({ length: batch }, (_, item) => item * length);
  return gatherRows(x, rows, [batch], options);
}

/** Items in another order, some of them again: [items, length, width]. Rejects as `gatherRows` does. */
export function pickItems(x: Tensor, items: readonly number[], options: OperatorOptions = {}): Promise<Tensor> {
  const [, length = 0] = x.shape;
  const rows = items.flatMap((item) => Array.from({ length }, (_, row) => item * length + row));
  return gatherRows(x, Int32Array.from(rows), [items.length, length], options);
}

function rowsOfEach(
  x: Tensor,
  count: number,
  pick: (row: number) => number,
  options: OperatorOptions,
): Promise<Tensor> {
  const [batch = 0, length = 0] = x.shape;
  const rows = Int32Array.from(
    { length: batch * count },
    (_, place) => Math.floor(place / count) * length + pick(place % count),
  );
  return gatherRows(x, rows, [batch, count], options);
}
