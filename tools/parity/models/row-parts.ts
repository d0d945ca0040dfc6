/** Cuts arrays of rows where a model's stream holds two kinds of them, and joins what a case flattens. */
import type { NumberArray } from '../compare.ts';

/** Rows `start` to `end` of the second axis. */
export function rowPart({ data, shape }: NumberArray, start: number, end = shape[1]!): NumberArray {
  const [items = 0, rows = 0, ...rest] = shape;
  const width = rest.reduce((product, side) => product * side, 1);
  const part = new Float64Array(items * (end - start) * width);
  for (let item = 0; item < items; item += 1) {
    for (let index = 0; index < (end - start) * width; index += 1) {
      part[item * (end - start) * width + index] = Number(data[(item * rows + start) * width + index]);
    }
  }
  return { data: part, shape: [items, end - start, ...rest] };
}
