/** Shapes, gathered rows, concatenations, permutations, sums, products and means against plain JavaScript. */
import { describe, expect, it } from 'vitest';
import { add, concat, gatherRows, mean, multiply, permute, reshape } from '../../src/native/arrange.ts';
import { capabilities } from '../../src/native/capabilities.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(11);
const REFUSED = { code: 'native/bad-argument' };
const RELEASED = { code: 'native/released' };
const CANCELLED = { code: 'run/cancelled' };

const product = (sides: readonly number[]) => sides.reduce((all, side) => all * side, 1);

function drawn(...shape: number[]): Tensor {
  return Tensor.from(random(product(shape)), shape);
}

function expectNumbers(tensor: Tensor, shape: readonly number[], expected: (place: number) => number) {
  expect(tensor.shape).toEqual(shape);
  const wanted = Float32Array.from({ length: product(shape) }, (_, place) => expected(place));
  expect([...tensor.toFloats()]).toEqual([...wanted]);
}

describe('reshape', () => {
  it('shares the numbers and outlives what it came from', () => {
    const x = drawn(2, 3, 4);
    const floats = x.toFloats();
    const { used } = capabilities().memory;
    using flat = reshape(x, [6, 4]);
    using cube = reshape(flat, [1, 4, 1, 6]);
    expect(capabilities().memory.used).toBe(used);
    x.release();
    flat.release();
    expectNumbers(cube, [1, 4, 1, 6], (place) => floats[place]!);
  });

  it('keeps its own shape, and takes tensors of one number and of none', () => {
    using x = drawn(1);
    const shape: number[] = [];
    using scalar = reshape(x, shape);
    shape.push(3);
    expect(scalar.shape).toEqual([]);
    using empty = drawn(0, 3);
    using other = reshape(empty, [2, 0]);
    expect(other.toFloats().length).toBe(0);
  });

  it('refuses shapes of another size, shapes that are none, what is no tensor and released ones', () => {
    const x = drawn(2, 3);
    expect(() => reshape(x, [7])).toThrow(
      'Expected shape of reshape to be as many numbers as [2, 3] has, received [7]',
    );
    for (const shape of [[-2, -3], [1.5, 4], [Number.NaN], 6 as unknown as number[]]) {
      expect(() => reshape(x, shape)).toThrow(expect.objectContaining(REFUSED));
    }
    expect(() => reshape(random(6) as unknown as Tensor, [6])).toThrow(expect.objectContaining(REFUSED));
    x.release();
    expect(() => reshape(x, [6])).toThrow(expect.objectContaining(RELEASED));
  });
});

describe('gatherRows', () => {
  it('picks, repeats, drops and leaves out rows', async () => {
    using x = drawn(2, 3, 5);
    const floats = x.toFloats();
    const rows = Int32Array.of(5, -1, 0, 0, 2, 5, 1, -1);
    using result = await gatherRows(x, rows, [4, 2]);
    expectNumbers(result, [4, 2, 5], (place) => {
      const row = rows[Math.floor(place / 5)]!;
      return row === -1 ? 0 : floats[row * 5 + (place % 5)]!;
    });
  });

  it('reads its rows before it returns', async () => {
    using x = drawn(4, 1000);
    const rows = Int32Array.of(1, 2);
    const promise = gatherRows(x, rows, [2]);
    rows.fill(2 ** 30);
    using result = await promise;
    const floats = x.toFloats();
    expectNumbers(result, [2, 1000], (place) => floats[1000 + place]!);
  });

  it('gives no rows from none, and shapes without axes', async () => {
    using x = drawn(0, 5);
    using none = await gatherRows(x, new Int32Array(0), [2, 0]);
    expect(none.shape).toEqual([2, 0, 5]);
    using zeros = await gatherRows(x, Int32Array.of(-1), []);
    expectNumbers(zeros, [5], () => 0);
  });

  it('refuses rows that are not there, another number of rows and lists that are no Int32Array', async () => {
    using x = drawn(4, 3);
    await expect(gatherRows(x, Int32Array.of(0, 4), [2])).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('Expected rows[1] of gatherRows to be a row from 0 to 3, or -1, received 4'),
    });
    await expect(gatherRows(x, Int32Array.of(-2), [1])).rejects.toMatchObject(REFUSED);
    await expect(gatherRows(x, Int32Array.of(0, 1), [3])).rejects.toMatchObject(REFUSED);
    await expect(gatherRows(x, [0, 1] as unknown as Int32Array, [2])).rejects.toMatchObject(REFUSED);
    using scalar = reshape(drawn(1), []);
    await expect(gatherRows(scalar, Int32Array.of(0), [1])).rejects.toMatchObject(REFUSED);
  });
});

describe('concat', () => {
  it.each([0, 1, 2, -1, -3])('along axis %i', async (axis) => {
    const along = axis < 0 ? axis + 3 : axis;
    const sides = [3, 1, 0, 4];
    const shapes = sides.map((side) => [2, 3, 5].map((other, index) => (index === along ? side : other)));
    const parts = shapes.map((shape) => drawn(...shape));
    const shape = [2, 3, 5].map((other, index) => (index === along ? 8 : other));
    const inner = product(shape.slice(along + 1));
    using result = await concat(parts, axis);
    expectNumbers(result, shape, (place) => {
      let position = Math.floor(place / inner) % 8;
      let part = 0;
      while (position >= sides[part]!) position -= sides[part++]!;
      const outer = Math.floor(place / (inner * 8));
      return parts[part]!.toFloats()[(outer * sides[part]! + position) * inner + (place % inner)]!;
    });
    for (const part of parts) part.release();
  });

  it('refuses nothing, other sides, other axes and released tensors', async () => {
    using a = drawn(2, 3);
    using b = drawn(2, 4);
    using c = drawn(2, 3, 1);
    await expect(concat([], 0)).rejects.toMatchObject(REFUSED);
    await expect(concat([a, b], 0)).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('Expected tensors[1] of concat to be a tensor [any, 3], received [2, 4]'),
    });
    await expect(concat([a, c], 0)).rejects.toMatchObject(REFUSED);
    for (const axis of [2, -3, 0.5, Number.NaN]) await expect(concat([a, a], axis)).rejects.toMatchObject(REFUSED);
    const gone = drawn(2, 3);
    gone.release();
    await expect(concat([a, gone], 0)).rejects.toMatchObject(RELEASED);
  });
});

describe('permute', () => {
  it.each([
    [
      [2, 3, 4, 5],
      [0, 2, 1, 3],
    ],
    [
      [2, 3, 4, 5],
      [3, 2, 1, 0],
    ],
    [
      [1, 49, 768],
      [0, 2, 1],
    ],
    [
      [2, 4, 4, 3, 2, 2],
      [0, 3, 1, 4, 2, 5],
    ],
    [
      [3, 1, 2],
      [1, 2, 0],
    ],
    [[7], [0]],
    [[], []],
  ] as const)('%j by %j', async (shape, axes) => {
    using x = drawn(...shape);
    const floats = x.toFloats();
    const sides = axes.map((axis) => shape[axis]!);
    const strides = axes.map((axis) => product(shape.slice(axis + 1)));
    using result = await permute(x, axes);
    expectNumbers(result, sides, (place) => {
      let [rest, from] = [place, 0];
      for (let axis = sides.length - 1; axis >= 0; axis -= 1) {
        from += (rest % sides[axis]!) * strides[axis]!;
        rest = Math.floor(rest / sides[axis]!);
      }
      return floats[from]!;
    });
  });

  it('refuses axes that are no permutation, and too many', async () => {
    using x = drawn(2, 3);
    for (const axes of [[0], [0, 0], [0, 2], [1, -1], [0, 1, 2]]) {
      await expect(permute(x, axes)).rejects.toMatchObject({
        ...REFUSED,
        message: expect.stringContaining('Expected axes of permute to be each number from 0 to 1 once'),
      });
    }
    using deep = reshape(x, [2, 3, ...new Array<number>(15).fill(1)]);
    await expect(permute(deep, [...deep.shape.keys()])).rejects.toMatchObject(REFUSED);
  });
});

describe('add and multiply', () => {
  it.each([[[2, 3, 40]], [[3, 40]], [[40]], [[]]])('with a second tensor %j', async (shape) => {
    using a = drawn(2, 3, 40);
    using b = drawn(...shape);
    const [x, y] = [a.toFloats(), b.toFloats()];
    using sum = await add(a, b);
    expectNumbers(sum, [2, 3, 40], (place) => x[place]! + y[place % y.length]!);
    using difference = await add(a, b, { scale: -0.5 });
    expectNumbers(difference, [2, 3, 40], (place) => x[place]! - 0.5 * y[place % y.length]!);
    using both = await multiply(a, b);
    expectNumbers(both, [2, 3, 40], (place) => x[place]! * y[place % y.length]!);
  });

  it('takes a tensor twice, and tensors of nothing', async () => {
    using a = drawn(5);
    const x = a.toFloats();
    using twice = await add(a, a);
    expectNumbers(twice, [5], (place) => 2 * x[place]!);
    using none = drawn(0, 5);
    using sum = await add(none, a);
    expect(sum.shape).toEqual([0, 5]);
  });

  it('refuses shapes that are not the last axes, and scales that are no number', async () => {
    using a = drawn(2, 3);
    for (const shape of [[2], [1, 3], [2, 2, 3], [6]]) {
      using b = drawn(...shape);
      const message = `Expected b of add to be the shape [2, 3] or that of its last axes, received [${shape.join(', ')}]`;
      await expect(add(a, b)).rejects.toMatchObject({ ...REFUSED, message: expect.stringContaining(message) });
      await expect(multiply(a, b)).rejects.toMatchObject(REFUSED);
    }
    await expect(add(a, a, { scale: Number.NaN })).rejects.toMatchObject(REFUSED);
    await expect(multiply(a, random(6) as unknown as Tensor)).rejects.toMatchObject(REFUSED);
  });
});

describe('mean', () => {
  it.each([0, 1, 2, -1])('over axis %i', async (axis) => {
    const shape = [4, 7, 9];
    const along = axis < 0 ? axis + 3 : axis;
    const [side, inner] = [shape[along]!, product(shape.slice(along + 1))];
    using x = drawn(...shape);
    const floats = x.toFloats();
    using result = await mean(x, axis);
    const sides = shape.filter((_, index) => index !== along);
    expectNumbers(result, sides, (place) => {
      const [outer, column] = [Math.floor(place / inner), place % inner];
      let sum = 0;
      for (let step = 0; step < side; step += 1) sum += floats[(outer * side + step) * inner + column]!;
      return sum / side;
    });
  });

  it('refuses axes that are not there and means of nothing', async () => {
    using x = drawn(2, 0, 3);
    await expect(mean(x, 3)).rejects.toMatchObject(REFUSED);
    await expect(mean(x, 1)).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('Expected axis 1 of x of mean to be at least 1, received 0'),
    });
    using empty = await mean(x, 0);
    expect(empty.shape).toEqual([0, 3]);
  });
});

it('all of them end with an abort', async () => {
  using x = drawn(2, 3);
  const options = { signal: AbortSignal.abort() };
  const calls = [
    gatherRows(x, Int32Array.of(0), [1], options),
    concat([x], 0, options),
    permute(x, [1, 0], options),
    add(x, x, options),
    multiply(x, x, options),
    mean(x, 0, options),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject(CANCELLED);
});
