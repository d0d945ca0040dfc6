/**
 * Operators of the addon that move and combine the numbers of whole tensors: shapes, rows by index, tensors side by side,
 * axes in another order, sums, products, means. All but `reshape` give a new tensor, work on the addon's threads and
 * reject with `native/bad-argument`, `native/released`, `native/out-of-memory`, `run/cancelled`.
 */
import { expectNumber, expectTensor, refuse, shapeText } from './argument.ts';
import { nativeAddon } from './loader.ts';
import { nativeError } from './native-error.ts';
import { type OperatorOptions, tensorOf } from './rows.ts';
import { Tensor } from './tensor.ts';

/** Most axes of native/ops/arrange.h. */
const MOST_AXES = 16;

const product = (sides: readonly number[]) => sides.reduce((all, side) => all * side, 1);

/**
 * The same numbers under another shape, in shared memory: each of the two is released on its own. Throws
 * `native/bad-argument`, `native/released`.
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const operator = 'reshape';
  expectTensor(operator, 'x', x, ['...']);
  expectShape(operator, shape, x.count, `as many numbers as ${shapeText(x.shape)} has`);
  try {
    return Tensor.adopt(nativeAddon().tensorReshape(x.handle, shape), [...shape]);
  } catch (error) {
    throw nativeError(operator, error);
  }
}

/**
 * x seen as rows [n, width] of its last axis; gives [...shape, width] with x's row rows[i] at place i, zeros where
 * rows[i] is -1. Slices, windows, permutations and repeats of rows are all this.
 */
export async function gatherRows(
  x: Tensor,
  rows: Int32Array,
  shape: readonly number[],
  { signal }: OperatorOptions = {},
): Promise<Tensor> {
  const operator = 'gatherRows';
  expectTensor(operator, 'x', x, ['...', 'width']);
  const count = product(x.shape.slice(0, -1));
  if (!(rows instanceof Int32Array)) refuse(operator, 'rows', 'an Int32Array', typeof rows);
  expectShape(operator, shape, rows.length, `a place for each of the ${rows.length} rows`);
  const wrong = rows.findIndex((row) => row < -1 || row >= count);
  if (wrong >= 0) refuse(operator, `rows[${wrong}]`, `a row from 0 to ${count - 1}, or -1`, rows[wrong]);
  return await tensorOf(operator, () => nativeAddon().gatherRows(x.handle, rows, shape), signal);
}

/** Tensors side by side along `axis` (negative: counted from the end), all other sides alike. */
export async function concat(
  tensors: readonly Tensor[],
  axis: number,
  { signal }: OperatorOptions = {},
): Promise<Tensor> {
  const operator = 'concat';
  const first = tensors[0];
  if (first === undefined) refuse(operator, 'tensors', 'at least one tensor', 'none');
  expectTensor(operator, 'tensors[0]', first, ['...']);
  const along = expectAxis(operator, axis, first);
  const sides = first.shape.map((side, index) => (index === along ? 'any' : side));
  for (const [index, tensor] of tensors.entries()) expectTensor(operator, `tensors[${index}]`, tensor, sides);
  const handles = tensors.map((tensor) => tensor.handle);
  return await tensorOf(operator, () => nativeAddon().concatTensors(handles, along), signal);
}

/** Axis i of the result is axis axes[i] of x, as torch.permute. */
export async function permute(x: Tensor, axes: readonly number[], { signal }: OperatorOptions = {}): Promise<Tensor> {
  const operator = 'permute';
  expectTensor(operator, 'x', x, ['...']);
  const rank = x.shape.length;
  if (rank > MOST_AXES) refuse(operator, 'x', `a tensor of at most ${MOST_AXES} axes`, shapeText(x.shape));
  const sorted = [...axes].sort((a, b) => a - b);
  if (axes.length !== rank || sorted.some((axis, index) => axis !== index)) {
    refuse(operator, 'axes', `each number from 0 to ${rank - 1} once`, shapeText(axes));
  }
  return await tensorOf(operator, () => nativeAddon().permuteAxes(x.handle, axes), signal);
}

/** a + scale * b; b has a's shape, or that of a's last axes and is then added to all that stand before them. */
export async function add(
  a: Tensor,
  b: Tensor,
  { scale = 1, signal }: OperatorOptions & { readonly scale?: number } = {},
): Promise<Tensor> {
  expectPair('add', a, b);
  expectNumber('add', 'scale', scale, -Number.MAX_VALUE, Number.MAX_VALUE);
  return await tensorOf('add', () => nativeAddon().addTensors(a.handle, b.handle, scale), signal);
}

/** a * b, number by number; b as in `add`. */
export async function multiply(a: Tensor, b: Tensor, { signal }: OperatorOptions = {}): Promise<Tensor> {
  expectPair('multiply', a, b);
  return await tensorOf('multiply', () => nativeAddon().multiplyTensors(a.handle, b.handle), signal);
}

/** The mean over `axis` (negative: counted from the end), which the result lacks; sums are double precision. */
export async function mean(x: Tensor, axis: number, { signal }: OperatorOptions = {}): Promise<Tensor> {
  const operator = 'mean';
  expectTensor(operator, 'x', x, ['...']);
  const along = expectAxis(operator, axis, x);
  if (x.shape[along] === 0) refuse(operator, `axis ${along} of x`, 'at least 1', 0);
  return await tensorOf(operator, () => nativeAddon().meanAxis(x.handle, along), signal);
}

function expectShape(operator: string, shape: readonly number[], count: number, expected: string): void {
  const whole = Array.isArray(shape) && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
  if (!whole) refuse(operator, 'shape', 'whole numbers from 0', String(shape));
  if (product(shape) !== count) refuse(operator, 'shape', expected, shapeText(shape));
}

/** The axis as a number from 0. */
function expectAxis(operator: string, axis: number, x: Tensor): number {
  const rank = x.shape.length;
  if (!Number.isSafeInteger(axis) || axis < -rank || axis >= rank) {
    refuse(operator, 'axis', `an axis of ${shapeText(x.shape)}`, axis);
  }
  return axis < 0 ? axis + rank : axis;
}

function expectPair(operator: string, a: Tensor, b: Tensor): void {
  expectTensor(operator, 'a', a, ['...']);
  expectTensor(operator, 'b', b, ['...']);
  const last = a.shape.slice(Math.max(0, a.shape.length - b.shape.length));
  if (b.shape.length > a.shape.length || b.shape.some((side, index) => side !== last[index])) {
    refuse(operator, 'b', `the shape ${shapeText(a.shape)} or that of its last axes`, shapeText(b.shape));
  }
}
