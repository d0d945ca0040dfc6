/** Linear layers of the addon against plain JavaScript: precisions, stacked weights, bias, activation, residual, errors. */
import { afterEach, describe, expect, it } from 'vitest';
import { Linear } from '../../src/native/linear.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(2);
const built: Linear[] = [];
afterEach(() => {
  for (const linear of built.splice(0)) linear.release();
});

async function build(...given: Parameters<typeof Linear.build>): Promise<Linear> {
  const linear = await Linear.build(...given);
  built.push(linear);
  return linear;
}

/** x [rows, inputs] times weight [outputs, inputs] transposed, plus bias. */
function product(x: Float32Array, weight: Float32Array, bias: Float32Array | undefined, inputs: number): number[] {
  const outputs = weight.length / inputs;
  return Array.from({ length: (x.length / inputs) * outputs }, (_, place) => {
    const [row, output] = [Math.floor(place / outputs), place % outputs];
    let sum = bias?.[output] ?? 0;
    for (let input = 0; input < inputs; input += 1) sum += x[row * inputs + input]! * weight[output * inputs + input]!;
    return sum;
  });
}

function worstDifference(tensor: Tensor, expected: readonly number[]): number {
  const ours = tensor.toFloats();
  expect(ours.length).toBe(expected.length);
  return ours.reduce((worst, value, index) => Math.max(worst, Math.abs(value - expected[index]!)), 0);
}

describe('linear', () => {
  it.each([
    [1, 1, 1],
    [5, 33, 17],
    [64, 128, 100],
  ])('%i rows of %i numbers to %i', async (rows, inputs, outputs) => {
    const [data, weight, bias] = [random(rows * inputs), random(outputs * inputs), random(outputs)];
    const linear = await build({
      weight: { data: weight, shape: [outputs, inputs] },
      bias: { data: bias, shape: [outputs] },
    });
    expect([linear.inputs, linear.outputs]).toEqual([inputs, outputs]);
    using x = Tensor.from(data, [rows, 1, inputs]);
    using result = await linear.run(x);
    expect(result.shape).toEqual([rows, 1, outputs]);
    expect(worstDifference(result, product(data, weight, bias, inputs))).toBeLessThan(2e-5);
  });

  it('stacks weights and takes those that are stored inputs first', async () => {
    const [data, first, second] = [random(3 * 6), random(4 * 6), random(5 * 6)];
    const stacked = await build({
      weight: [
        { data: first, shape: [4, 6] },
        { data: second, shape: [5, 6] },
      ],
    });
    const turned = await build({
      weight: {
        data: Float32Array.from({ length: 24 }, (_, i) => first[(i % 4) * 6 + Math.floor(i / 4)]!),
        shape: [6, 4],
      },
      inputsFirst: true,
    });
    using x = Tensor.from(data, [3, 6]);
    using both = await stacked.run(x);
    const together = Float32Array.of(...first, ...second);
    expect(worstDifference(both, product(data, together, undefined, 6))).toBeLessThan(1e-5);
    using one = await turned.run(x);
    expect(worstDifference(one, product(data, first, undefined, 6))).toBeLessThan(1e-5);
  });

  it('fuses the activation and the residual', async () => {
    const [data, weight, added] = [random(4 * 8), random(5 * 8), random(4 * 5)];
    const linear = await build({ weight: { data: weight, shape: [5, 8] } });
    using x = Tensor.from(data, [4, 8]);
    using residual = Tensor.from(added, [4, 5]);
    using result = await linear.run(x, { activation: 'relu', residual });
    const expected = product(data, weight, undefined, 8).map((value, index) => Math.max(value, 0) + added[index]!);
    expect(worstDifference(result, expected)).toBeLessThan(1e-5);
  });

  it.each([
    ['bf16', 2e-2],
    ['int8', 4e-2],
  ] as const)('%s stays near', async (precision, tolerance) => {
    const [data, weight] = [random(10 * 64), random(32 * 64)];
    const linear = await build({ weight: { data: weight, shape: [32, 64] } }, { precision });
    const full = await build({ weight: { data: weight, shape: [32, 64] } });
    using x = Tensor.from(data, [10, 64]);
    using result = await linear.run(x);
    const expected = product(data, weight, undefined, 64);
    const size = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
    expect(worstDifference(result, expected)).toBeLessThan(tolerance * size * 2);
    expect(worstDifference(result, expected)).toBeGreaterThan(0);
    expect(linear.bytes).toBeLessThan(full.bytes);
  });

  it('refuses what does not fit', async () => {
    const linear = await build({ weight: { data: random(12), shape: [3, 4] } });
    using narrow = Tensor.from(random(3), [1, 3]);
    await expect(linear.run(narrow)).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('Expected x of linear to be a tensor [..., 4], received [1, 3]'),
    });
    using x = Tensor.from(random(8), [2, 4]);
    await expect(linear.run(x, { residual: x })).rejects.toMatchObject({ code: 'native/bad-argument' });
    const nan = { weight: { data: Float32Array.of(1, Number.NaN), shape: [1, 2] } };
    await expect(Linear.build(nan)).rejects.toMatchObject({ code: 'native/not-finite' });
    const uneven = {
      weight: [
        { data: random(4), shape: [2, 2] },
        { data: random(6), shape: [2, 3] },
      ],
    };
    await expect(Linear.build(uneven)).rejects.toMatchObject({ code: 'native/bad-argument' });
    linear.release();
    linear.release();
    await expect(linear.run(x)).rejects.toMatchObject({ code: 'native/released' });
    await expect(Linear.build(uneven, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});
