/** A detector's raw rows as scored boxes in the grid of pixels the model saw. Pure; knows no picture and no labels. */
import { WeftError } from '../errors.ts';
import type { TensorValue } from '../protocol/value.ts';
import type { Candidate } from './suppression.ts';

export interface RowLayout {
  readonly box: 'cxcywh' | 'xyxy' | 'xywh';
  /** The first class score follows an objectness column. */
  readonly objectness: boolean;
  /** Rows are columns: [4 + classes, N]. */
  readonly transposed: boolean;
  readonly activation: 'none' | 'sigmoid';
  /** score = objectness ^ objectnessPower x class ^ classPower. */
  readonly objectnessPower: number;
  readonly classPower: number;
  readonly threshold: number;
}

/**
 * Rows [N, 4 (+ 1) + classes], or with a leading axis of 1, as candidates with score >= threshold; `group` is the class.
 * `width` and `height` are what the row's numbers count up to: the grid's pixels, or 1. Rows that hold no number go.
 * Throws run/bad-input.
 */
export function readRows(rows: TensorValue, layout: RowLayout): Candidate[] {
  const shape = rows.shape.length === 3 && rows.shape[0] === 1 ? rows.shape.slice(1) : rows.shape;
  const [count = 0, size = 0] = layout.transposed ? [...shape].reverse() : shape;
  const firstClass = layout.objectness ? 5 : 4;
  if (shape.length !== 2 || size <= firstClass || !(rows.data instanceof Float32Array)) {
    const row = layout.objectness ? '4 + 1 + classes' : '4 + classes';
    throw new WeftError('run/bad-input', {
      expected: `rows float32 [${layout.transposed ? `${row}, N` : `N, ${row}`}]`,
      socket: 'rows',
      received: `${rows.dtype} [${rows.shape.join(', ')}]`,
    });
  }
  const data = rows.data;
  const at = layout.transposed
    ? (row: number, column: number) => data[column * count + row]!
    : (row: number, column: number) => data[row * size + column]!;
  const activate = layout.activation === 'sigmoid' ? (value: number) => 1 / (1 + Math.exp(-value)) : identity;

  const found: Candidate[] = [];
  for (let row = 0; row < count; row++) {
    let best = firstClass;
    for (let column = firstClass + 1; column < size; column++) {
      if (at(row, column) > at(row, best)) best = column;
    }
    const objectness = layout.objectness ? activate(at(row, 4)) ** layout.objectnessPower : 1;
    const score = objectness * activate(at(row, best)) ** layout.classPower;
    if (!(score >= layout.threshold)) continue;
    const box = rectangle([at(row, 0), at(row, 1), at(row, 2), at(row, 3)], layout.box);
    if (Object.values(box).every(Number.isFinite)) found.push({ ...box, score, group: best - firstClass });
  }
  return found;
}

function rectangle([a, b, c, d]: readonly [number, number, number, number], format: RowLayout['box']) {
  switch (format) {
    case 'cxcywh':
      return { x: a - c / 2, y: b - d / 2, width: c, height: d };
    case 'xyxy':
      return { x: a, y: b, width: c - a, height: d - b };
    case 'xywh':
      return { x: a, y: b, width: c, height: d };
  }
}

function identity(value: number): number {
  return value;
}
