/** Rows of every item of a batch [batch, length, width]: a part of them, or one of them many times. */
import { gatherRows } from '../../native/arrange.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import type { Tensor } from '../../native/tensor.ts';

/** Rows `start` to `start + count` of every item: [batch, count, width]. Rejects as `gatherRows` does. */
export function sliceRows(x: Tensor, start: number, count: number, options: OperatorOptions = {}): Promise<Tensor> {
  return pickRows(x, count, (row) => start + row, options);
}

/** Row `row` of every item, `count` times: [batch, count, width]. Rejects as `gatherRows` does. */
export function repeatRow(x: Tensor, row: number, count: number, options: OperatorOptions = {}): Promise<Tensor> {
  return pickRows(x, count, () => row, options);
}

function pickRows(x: Tensor, count: number, pick: (row: number) => number, options: OperatorOptions): Promise<Tensor> {
  const [batch = 0, length = 0] = x.shape;
  const rows = Int32Array.from(
    { length: batch * count },
    (_, place) => Math.floor(place / count) * length + pick(place % count),
  );
  return gatherRows(x, rows, [batch, count], options);
}
