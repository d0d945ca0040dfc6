/** Sparse rows against plain JavaScript. The C++ test has the cases at the edges. */
import { describe, expect, it } from 'vitest';
import { type SparseRows, sharpenRows, sparseDots } from '../../src/native/sparse.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(31);

describe('sharpenRows', () => {
  it.each([1, 2, 3, 8])('raises to the power %i and brings rows to length 1', async (power) => {
    const values = random(3 * 7);
    const sharpened = await sharpenRows(values, [3, 7], power);
    for (let row = 0; row < 3; row += 1) {
      const powers = Array.from(values.subarray(7 * row, 7 * row + 7), (value) => value ** power);
      const length = Math.hypot(...powers);
      for (const [i, each] of powers.entries()) expect(sharpened[7 * row + i]).toBeCloseTo(each / length, 6);
    }
  });

  it('refuses a power that is none, other sizes, and an abort', async () => {
    const values = random(6);
    await expect(sharpenRows(values, [2, 3], 0)).rejects.toMatchObject({ code: 'native/bad-argument' });
    await expect(sharpenRows(values, [2, 2], 8)).rejects.toMatchObject({ code: 'native/bad-argument' });
    const signal = AbortSignal.abort();
    await expect(sharpenRows(values, [2, 3], 8, { signal })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('sparseDots', () => {
  const left: SparseRows = { rows: 2, best: 2, places: Int32Array.of(4, 0, 1, 2), values: Float32Array.of(2, 3, 5, 7) };
  const right: SparseRows = { rows: 3, best: 1, places: Int32Array.of(0, 2, 3), values: Float32Array.of(10, 100, 1) };

  it('multiplies what stands at the same place', async () => {
    expect([...(await sparseDots(left, right, 5))]).toEqual([30, 0, 0, 0, 700, 0]);
  });

  it('gives nothing for no rows', async () => {
    const none: SparseRows = { rows: 0, best: 4, places: new Int32Array(), values: new Float32Array() };
    expect(await sparseDots(none, right, 5)).toHaveLength(0);
  });

  it('refuses places beyond the columns and arrays that do not go together', async () => {
    await expect(sparseDots(left, right, 4)).rejects.toMatchObject({ code: 'native/bad-argument' });
    const short = { ...right, places: Int32Array.of(0) };
    await expect(sparseDots(left, short, 5)).rejects.toMatchObject({ code: 'native/bad-argument' });
  });
});
