/** Norms, softmax, activations and argmax of tensors against plain JavaScript. */
import { describe, expect, it } from 'vitest';
import { activate, argmax, l2Normalise, layerNorm, rmsNorm, softmax } from '../../src/native/rows.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(1);
const WIDTHS = [1, 7, 16, 33, 100, 768];

/** Applies `change` to every row. */
function byRow(data: Float32Array, width: number, change: (row: number[]) => number[]): number[] {
  return Array.from({ length: data.length / width }, (_, row) =>
    change([...data.subarray(row * width, (row + 1) * width)]),
  ).flat();
}

function expectNumbers(tensor: Tensor, shape: readonly number[], expected: readonly number[], tolerance = 3e-6) {
  expect(tensor.shape).toEqual(shape);
  const ours = tensor.toFloats();
  expect(ours.length).toBe(expected.length);
  for (const [index, value] of ours.entries()) {
    const wanted = expected[index]!;
    if (Number.isNaN(wanted)) expect(value).toBeNaN();
    else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(wanted)));
  }
}

const mean = (row: readonly number[]) => row.reduce((sum, x) => sum + x, 0) / row.length;

describe('layerNorm and rmsNorm', () => {
  it.each(WIDTHS)('agree with the formula for width %i', async (width) => {
    const data = random(2 * 3 * width, 2);
    const [scale, shift] = [random(width), random(width)];
    using x = Tensor.from(data, [2, 3, width]);
    using weight = Tensor.from(scale, [width]);
    using bias = Tensor.from(shift, [width]);
    const layer = byRow(data, width, (row) => {
      const centre = mean(row);
      const spread = Math.sqrt(mean(row.map((x) => (x - centre) ** 2)) + 1e-3);
      return row.map((x, column) => ((x - centre) / spread) * scale[column]! + shift[column]!);
    });
    using normed = await layerNorm(x, { weight, bias, epsilon: 1e-3 });
    expectNumbers(normed, [2, 3, width], layer);
    const rms = byRow(data, width, (row) => {
      const size = Math.sqrt(mean(row.map((x) => x * x)) + 1e-5);
      return row.map((x) => x / size);
    });
    using plain = await rmsNorm(x);
    expectNumbers(plain, [2, 3, width], rms);
  });

  it('refuses weights of another width, tensors that are none and released ones', async () => {
    using x = Tensor.from(random(6), [2, 3]);
    using weight = Tensor.from(random(4), [4]);
    await expect(layerNorm(x, { weight })).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('Expected weight of layerNorm to be a tensor [3], received [4]'),
    });
    await expect(layerNorm(x, { epsilon: Number.NaN })).rejects.toMatchObject({ code: 'native/bad-argument' });
    await expect(rmsNorm(random(3) as unknown as Tensor)).rejects.toMatchObject({ code: 'native/bad-argument' });
    const released = Tensor.from(random(3), [3]);
    released.release();
    await expect(rmsNorm(released)).rejects.toMatchObject({ code: 'native/released' });
  });
});

describe('softmax', () => {
  it.each(WIDTHS)('agrees with the formula for width %i', async (width) => {
    const data = random(4 * width, 20);
    using x = Tensor.from(data, [4, width]);
    using result = await softmax(x);
    const expected = byRow(data, width, (row) => {
      const highest = Math.max(...row);
      const powers = row.map((x) => Math.exp(x - highest));
      const sum = powers.reduce((total, power) => total + power, 0);
      return powers.map((power) => power / sum);
    });
    expectNumbers(result, [4, width], expected);
  });

  it('gives zeros for a masked row and NaN for one with NaN', async () => {
    const { NEGATIVE_INFINITY: none, NaN: nan } = Number;
    using x = Tensor.from(Float32Array.of(none, none, none, nan, none, 0, none, 1, 1), [3, 3]);
    using result = await softmax(x);
    expectNumbers(result, [3, 3], [0, 0, 0, nan, nan, nan, 0, 0.5, 0.5]);
  });
});

it('l2Normalise divides by the length, or by epsilon where the length is less', async () => {
  using x = Tensor.from(Float32Array.of(3, 4, 0, 0, 0.3, 0.4), [3, 2]);
  using unit = await l2Normalise(x);
  expectNumbers(unit, [3, 2], [0.6, 0.8, 0, 0, 0.6, 0.8]);
  using bounded = await l2Normalise(x, { epsilon: 1 });
  expectNumbers(bounded, [3, 2], [0.6, 0.8, 0, 0, 0.3, 0.4]);
});

describe('activate', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  it.each([
    ['none', (x: number) => x],
    ['relu', (x: number) => Math.max(x, 0)],
    ['gelu_tanh', (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))],
    ['quick_gelu', (x: number) => x * sigmoid(1.702 * x)],
    ['silu', (x: number) => x * sigmoid(x)],
    ['tanh', (x: number) => Math.tanh(x)],
    ['sigmoid', sigmoid],
  ] as const)('%s agrees with its formula', async (name, formula) => {
    const data = random(77, 5);
    using x = Tensor.from(data, [7, 11]);
    using result = await activate(x, name);
    expectNumbers(result, [7, 11], [...data].map(formula));
  });

  it('gelu is the one with erf', async () => {
    using x = Tensor.from(Float32Array.of(-1, 0, 1, 2), [4]);
    using result = await activate(x, 'gelu');
    // scipy: x * norm.cdf(x)
    expectNumbers(result, [4], [-0.15865525393145707, 0, 0.8413447460685429, 1.9544997361036416]);
  });

  it('refuses a name it does not know', async () => {
    using x = Tensor.from(random(3), [3]);
    await expect(activate(x, 'swish' as 'silu')).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('received swish'),
    });
  });
});

it('argmax gives the first of equals and the first NaN, per row', async () => {
  using x = Tensor.from(Float32Array.of(1, 5, 5, Number.NaN, 9, Number.NaN, -2, -3, -1), [3, 3]);
  expect([...(await argmax(x))]).toEqual([1, 0, 2]);
  using empty = Tensor.from(new Float32Array(0), [2, 0]);
  await expect(argmax(empty)).rejects.toMatchObject({ code: 'native/bad-argument' });
  using none = Tensor.from(new Float32Array(0), [0, 4]);
  expect(await argmax(none)).toHaveLength(0);
});

describe('an abort', () => {
  it('before the call rejects without work', async () => {
    using x = Tensor.from(random(3), [3]);
    await expect(softmax(x, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'run/cancelled' });
  });

  it('during the call rejects and leaves the operators usable', async () => {
    using x = Tensor.from(new Float32Array(4_000_000), [2000, 2000]);
    const controller = new AbortController();
    const results = Array.from({ length: 8 }, () => softmax(x, { signal: controller.signal }));
    controller.abort();
    for (const result of await Promise.allSettled(results)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'run/cancelled' } });
    }
    using after = await softmax(x);
    expect(after.toFloats()[0]).toBeCloseTo(1 / 2000, 8);
  });
});
