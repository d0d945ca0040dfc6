/** What dual encoders make of their embeddings: rows of length one, and scaled cosines between them. */
import type { NumberArray } from '../compare.ts';

/** [rows, dim], each divided by its length. */
export function unitRows(rows: NumberArray | undefined): NumberArray | undefined {
  if (rows === undefined) return undefined;
  const dim = rows.shape.at(-1)!;
  const data = Float32Array.from(rows.data as ArrayLike<number>);
  for (let start = 0; start < data.length; start += dim) {
    const row = data.subarray(start, start + dim);
    const length = Math.hypot(...row);
    for (let index = 0; index < dim; index += 1) row[index]! /= length;
  }
  return { data, shape: rows.shape };
}

/** [rows of a, rows of b]: scale * a · b + bias. */
export function contrastiveLogits(
  a: NumberArray | undefined,
  b: NumberArray | undefined,
  scale: number,
  bias = 0,
): NumberArray | undefined {
  if (a === undefined || b === undefined) return undefined;
  const dim = a.shape.at(-1)!;
  const [rows, columns] = [a.data.length / dim, b.data.length / dim];
  const data = new Float32Array(rows * columns);
  for (let cell = 0; cell < data.length; cell += 1) {
    const [left, right] = [Math.floor(cell / columns) * dim, (cell % columns) * dim];
    let sum = 0;
    for (let index = 0; index < dim; index += 1) sum += Number(a.data[left + index]) * Number(b.data[right + index]);
    data[cell] = scale * sum + bias;
  }
  return { data, shape: [rows, columns] };
}
