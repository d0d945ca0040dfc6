/** Some rows of each item of an array [items, rows, width]. */
import type { NumberArray } from '../compare.ts';

/** Rows from `start` to `end`, to the last when that is left out. */
export function middleRows({ data, shape }: NumberArray, start: number, end?: number): NumberArray {
  const [items = 0, rows = 0, width = 0] = shape;
  const last = end ?? rows;
  const numbers = Array.from(data as ArrayLike<number>);
  const cut = Array.from({ length: items }, (_, item) =>
    numbers.slice((item * rows + start) * width, (item * rows + last) * width),
  );
  return { data: cut.flat(), shape: [items, last - start, width] };
}
