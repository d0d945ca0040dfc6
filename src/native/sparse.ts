/**
 * Operators of the addon on rows that are zero but in few places: relative representations. All reject with
 * `native/bad-argument`, `native/out-of-memory`, `run/cancelled`.
 */
import { expectNumber, expectWhole, refuse } from './argument.ts';
import { nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import type { OperatorOptions } from './rows.ts';

/** As many numbers in each row, `values[row][i]` at `places[row][i]`, both [rows, best]; no place twice in a row. */
export interface SparseRows {
  readonly rows: number;
  readonly best: number;
  readonly places: Int32Array;
  readonly values: Float32Array;
}

/**
 * values^power, each row brought to length 1; a row of zeros stays one. Negative numbers want a whole power. `values` must
 * not change until the promise settles.
 */
export async function sharpenRows(
  values: Float32Array,
  [rows, best]: readonly [number, number],
  power: number,
  { signal }: OperatorOptions = {},
): Promise<Float32Array> {
  const operator = 'sharpenRows';
  checkCount(operator, 'values', values, rows, best);
  expectNumber(operator, 'power', power, Number.MIN_VALUE, 1e6);
  return await runNative(operator, () => nativeAddon().sharpenRows({ values, rows, best, power }), signal);
}

/**
 * Dot products [left.rows, right.rows], with sums in double. Work grows with the pairs of numbers that share a place.
 * @param columns how many places there are. The arrays must not change until the promise settles.
 */
export async function sparseDots(
  left: SparseRows,
  right: SparseRows,
  columns: number,
  { signal }: OperatorOptions = {},
): Promise<Float32Array> {
  const operator = 'sparseDots';
  for (const [name, { rows, best, places, values }] of Object.entries({ left, right })) {
    checkCount(operator, `${name}.values`, values, rows, best);
    if (!(places instanceof Int32Array) || places.length !== rows * best) {
      refuse(operator, `${name}.places`, `an Int32Array of ${rows * best} numbers`, places?.length);
    }
  }
  expectWhole(operator, 'columns', columns, 0, 2 ** 31 - 1);
  return await runNative(operator, () => nativeAddon().sparseDots({ left, right, columns }), signal);
}

function checkCount(operator: string, argument: string, values: Float32Array, rows: number, best: number): void {
  expectWhole(operator, 'rows', rows, 0, 2 ** 31 - 1);
  expectWhole(operator, 'best', best, 0, 2 ** 31 - 1);
  if (!(values instanceof Float32Array) || values.length !== rows * best) {
    refuse(operator, argument, `a Float32Array of ${rows * best} numbers`, values?.length);
  }
}
