/** Resized planes against PyTorch's numbers, masks as run lengths against a plain walk. */
import { describe, expect, it } from 'vitest';
import { maskRle, upsample } from '../../src/native/planes.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(5);
const PLANE = Float32Array.of(1, -2, 3, 0.5, 4, 0, -1, 2, -3, 5, 1.5, -0.5);

describe('upsample', () => {
  // torch.nn.functional.interpolate of PLANE as [1, 1, 3, 4] to [2, 3] (the first two) and [5, 7], PyTorch 2.
  it.each([
    ['bilinear', false, 2, 3, [1.2083333, 0.25, 1.0624998, -0.41666669, 2.3125, 0.25]],
    ['bicubic', false, 2, 3, [1.3374319, -0.099365234, 1.1471956, -0.50108987, 2.9202271, 0.16125645]],
    ['bilinear', true, 5, 7, [1, -0.5, -2, 0.5, 3, 1.75, 0.5, 2.5, 0.75, -1, 0, 1, 1.125, 1.25]],
    ['bicubic', true, 5, 7, [1, -0.96875, -2, 0.453125, 3, 2.21875, 0.5, 3.15625, 0.63427734, -1.46875]],
    ['nearest', false, 5, 7, [1, 1, -2, -2, 3, 3, 0.5, 1, 1, -2, -2, 3, 3, 0.5, 4, 4]],
  ] as const)('%s, corners aligned: %s, to %i x %i', async (mode, alignCorners, height, width, expected) => {
    using x = Tensor.from(Float32Array.of(...PLANE, ...PLANE), [2, 3, 4]);
    using result = await upsample(x, { mode, alignCorners, height, width });
    expect(result.shape).toEqual([2, height, width]);
    const ours = result.toFloats();
    for (const plane of [0, 1]) {
      for (const [place, value] of expected.entries()) {
        expect(ours[plane * height * width + place]).toBeCloseTo(value, 5);
      }
    }
  });

  it('refuses empty planes, sizes of zero and unknown modes', async () => {
    using x = Tensor.from(PLANE, [3, 4]);
    using empty = Tensor.from(new Float32Array(0), [3, 0]);
    using flat = Tensor.from(PLANE, [12]);
    const size = { height: 2, width: 2 };
    const refused = { code: 'native/bad-argument' };
    await expect(upsample(empty, size)).rejects.toMatchObject(refused);
    await expect(upsample(flat, size)).rejects.toMatchObject(refused);
    await expect(upsample(x, { ...size, height: 0 })).rejects.toMatchObject(refused);
    await expect(upsample(x, { ...size, mode: 'lanczos' as 'bicubic' })).rejects.toMatchObject(refused);
    await expect(upsample(x, { ...size, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});

describe('maskRle', () => {
  /** Runs, area and box by walking the columns. */
  function walk(mask: Float32Array, height: number, width: number, threshold: number) {
    const counts: number[] = [];
    const inside: [number, number][] = [];
    let [state, length] = [false, 0];
    for (let place = 0; place < height * width; place += 1) {
      const [x, y] = [Math.floor(place / height), place % height];
      const now = mask[y * width + x]! > threshold;
      if (now) inside.push([x, y]);
      if (now !== state) counts.push(length);
      length = now === state ? length + 1 : 1;
      state = now;
    }
    counts.push(length);
    const [xs, ys] = [inside.map(([x]) => x), inside.map(([, y]) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const box = inside.length === 0 ? [0, 0, 0, 0] : [left, top, Math.max(...xs) + 1 - left, Math.max(...ys) + 1 - top];
    return { size: [height, width], counts, area: inside.length, box };
  }

  it.each([
    [1, 1, 0],
    [7, 33, 0.4],
    [40, 17, -2],
    [40, 17, 2],
  ])('a mask of %i x %i above %f', async (height, width, threshold) => {
    const data = random(2 * height * width);
    using masks = Tensor.from(data, [2, height, width]);
    const runs = await maskRle(masks, { threshold });
    const ours = runs.map((mask) => ({ ...mask, counts: [...mask.counts] }));
    const size = height * width;
    expect(ours).toEqual(
      [0, 1].map((mask) => walk(data.subarray(mask * size, (mask + 1) * size), height, width, threshold)),
    );
  });

  it('refuses what is no mask', async () => {
    using flat = Tensor.from(PLANE, [12]);
    await expect(maskRle(flat)).rejects.toMatchObject({ code: 'native/bad-argument' });
    using mask = Tensor.from(PLANE, [3, 4]);
    await expect(maskRle(mask, { threshold: Number.NaN })).rejects.toMatchObject({ code: 'native/bad-argument' });
  });
});
