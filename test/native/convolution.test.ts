/** Convolutions of the addon against their definition: shapes, layouts, folded norms, activations, errors. */
import { describe, expect, it } from 'vitest';
import { Convolution, type ConvolutionSpec, conv2d } from '../../src/native/convolution.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { channelsLast, type ReferenceConvolution, referenceConvolution } from './convolution-reference.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(3);

const plain: ReferenceConvolution = {
  inputs: 3,
  outputs: 5,
  groups: 1,
  kernel: [3, 3],
  stride: [1, 1],
  dilation: [1, 1],
  padding: [0, 0, 0, 0],
  transposed: false,
  outputPadding: [0, 0],
};

function specOf(shape: ReferenceConvolution, weight: Float32Array): ConvolutionSpec {
  const { transposed, groups, inputs, outputs, kernel, stride, dilation, padding } = shape;
  const sides = transposed ? [inputs, outputs / groups] : [outputs, inputs / groups];
  const extra = transposed ? { outputPadding: shape.outputPadding } : {};
  return {
    weight: { data: weight, shape: [...sides, ...kernel] },
    groups,
    stride,
    dilation,
    padding,
    transposed,
    ...extra,
  };
}

function weightFor(shape: ReferenceConvolution): Float32Array<ArrayBuffer> {
  return random(((shape.inputs * shape.outputs) / shape.groups) * shape.kernel[0] * shape.kernel[1]);
}

function expectClose(ours: Float32Array, expected: ArrayLike<number>, tolerance = 1e-4) {
  expect(ours.length).toBe(expected.length);
  const worst = ours.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index]!)), 0);
  expect(worst).toBeLessThan(tolerance);
}

const CASES: [string, Partial<ReferenceConvolution>][] = [
  ['plain', {}],
  ['strided and padded', { stride: [2, 2], padding: [1, 1, 1, 1] }],
  ['padded unevenly, as TensorFlow does', { kernel: [5, 3], stride: [2, 2], padding: [1, 2, 0, 1] }],
  ['dilated', { dilation: [2, 1], padding: [2, 2, 1, 1] }],
  ['in groups', { inputs: 4, outputs: 6, groups: 2, padding: [1, 1, 1, 1] }],
  ['depthwise', { inputs: 6, outputs: 6, groups: 6, kernel: [5, 5], padding: [2, 2, 2, 2] }],
  ['depthwise with two outputs each', { inputs: 4, outputs: 8, groups: 4, stride: [2, 1], padding: [1, 0, 1, 0] }],
  ['of one pixel', { inputs: 8, outputs: 7, kernel: [1, 1] }],
  ['transposed patches', { transposed: true, kernel: [4, 4], stride: [4, 4], outputs: 1 }],
  ['transposed with overlap', { transposed: true, kernel: [4, 3], stride: [2, 2], padding: [1, 1, 1, 0] }],
  [
    'transposed with output padding',
    { transposed: true, stride: [2, 2], padding: [1, 1, 1, 1], outputPadding: [1, 1] },
  ],
  ['transposed in groups', { transposed: true, inputs: 4, outputs: 6, groups: 2, stride: [3, 2] }],
];

describe('a convolution', () => {
  it.each(CASES)('%s agrees with its definition in both layouts', async (_, changes) => {
    const shape = { ...plain, ...changes };
    const [batch, height, width] = [2, 9, 11] as const;
    const weight = weightFor(shape);
    using convolution = await Convolution.build(specOf(shape, weight));
    const size = convolution.sizeOf(height, width);
    const data = random(batch * shape.inputs * height * width);
    const expected = referenceConvolution(shape, data, [batch, height, width], weight, size);
    using picture = Tensor.from(data, [batch, shape.inputs, height, width]);
    using result = await convolution.run(picture);
    expect(result.shape).toEqual([batch, shape.outputs, ...size]);
    expectClose(result.toFloats(), expected);
    using last = Tensor.from(channelsLast(data, batch, shape.inputs), [batch, height, width, shape.inputs]);
    using lastResult = await convolution.run(last, { layout: 'nhwc' });
    expect(lastResult.shape).toEqual([batch, ...size, shape.outputs]);
    expectClose(lastResult.toFloats(), channelsLast(expected, batch, shape.outputs));
  });

  it('folds a batch norm and fuses bias and activation', async () => {
    const weight = weightFor(plain);
    const [bias, mean, scale, shift] = [random(5), random(5), random(5), random(5)];
    const variance = random(5).map((value) => 1.2 + value);
    const numbers = (data: Float32Array) => ({ data, shape: [5] });
    const norm = {
      mean: numbers(mean),
      variance: numbers(variance),
      weight: numbers(scale),
      bias: numbers(shift),
      epsilon: 1e-3,
    };
    const data = random(3 * 6 * 6);
    using picture = Tensor.from(data, [1, 3, 6, 6]);
    using result = await conv2d(picture, { ...specOf(plain, weight), bias: numbers(bias), norm, activation: 'relu' });
    const sums = referenceConvolution(plain, data, [1, 6, 6], weight, [4, 4]);
    const expected = sums.map((sum, place) => {
      const output = Math.floor(place / 16);
      const gain = scale[output]! / Math.sqrt(variance[output]! + 1e-3);
      return Math.max(0, (sum + bias[output]! - mean[output]!) * gain + shift[output]!);
    });
    expectClose(result.toFloats(), expected);
  });

  it('adds a residual to pictures with their channels last', async () => {
    const weight = weightFor(plain);
    const [data, added] = [random(3 * 6 * 6), random(5 * 4 * 4)];
    using picture = Tensor.from(channelsLast(data, 1, 3), [1, 6, 6, 3]);
    using residual = Tensor.from(added, [1, 4, 4, 5]);
    using result = await conv2d(picture, specOf(plain, weight), { layout: 'nhwc', residual });
    const sums = channelsLast(referenceConvolution(plain, data, [1, 6, 6], weight, [4, 4]), 1, 5);
    expectClose(
      result.toFloats(),
      sums.map((sum, place) => sum + added[place]!),
    );
  });

  it('takes one number, two or four for its padding', async () => {
    const weight = { data: random(9), shape: [1, 1, 3, 3] };
    const sizes = [1, [1, 0], [1, 0, 0, 2]] as const;
    const built = await Promise.all(sizes.map((padding) => Convolution.build({ weight, padding })));
    expect(built.map((convolution) => convolution.sizeOf(5, 5))).toEqual([
      [5, 5],
      [5, 3],
      [4, 5],
    ]);
    for (const convolution of built) convolution.release();
  });
});

describe('errors of a convolution', () => {
  const weight = { data: random(2 * 3 * 3 * 3), shape: [2, 3, 3, 3] };
  it.each<[string, ConvolutionSpec, string]>([
    ['a weight of three sides', { weight: { data: random(18), shape: [2, 3, 3] } }, '[2, 3, 3]'],
    ['groups that do not divide', { weight, groups: 3 }, 'a divisor of 2'],
    ['a stride of zero', { weight, stride: 0 }, 'Expected stride of convolution'],
    ['a fraction as dilation', { weight, dilation: [1, 1.5] }, 'received 1.5'],
    ['negative padding', { weight, padding: [0, 0, -1, 0] }, 'received -1'],
    ['output padding of a plain one', { weight, outputPadding: 1 }, 'not transposed'],
    ['an unknown activation', { weight, activation: 'swish' as 'silu' }, 'received swish'],
    ['a bias of another length', { weight, bias: { data: random(3), shape: [3] } }, 'needs 2'],
  ])('%s', async (_, spec, text) => {
    await expect(Convolution.build(spec)).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining(text),
    });
  });

  it('tell of pictures that do not fit, NaN weights and released handles', async () => {
    const convolution = await Convolution.build({ weight });
    using small = Tensor.from(random(3 * 2 * 9), [1, 3, 2, 9]);
    await expect(convolution.run(small)).rejects.toMatchObject({ code: 'native/bad-argument' });
    using grey = Tensor.from(random(81), [1, 1, 9, 9]);
    await expect(convolution.run(grey)).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('[batch, 3, height, width]'),
    });
    using picture = Tensor.from(random(3 * 81), [1, 3, 9, 9]);
    await expect(convolution.run(picture, { residual: picture })).rejects.toMatchObject({
      code: 'native/bad-argument',
    });
    await expect(convolution.run(picture, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
    convolution.release();
    await expect(convolution.run(picture)).rejects.toMatchObject({ code: 'native/released' });
    const nan = { data: Float32Array.of(Number.NaN), shape: [1, 1, 1, 1] };
    await expect(Convolution.build({ weight: nan })).rejects.toMatchObject({ code: 'native/not-finite' });
  });
});
