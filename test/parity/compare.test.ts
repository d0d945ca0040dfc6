import { describe, expect, it } from 'vitest';
import { compareArrays, difference, EQUAL } from '../../tools/parity/compare.ts';

const array = (shape: number[], ...data: number[]) => ({ shape, data });

describe('difference', () => {
  it('is nothing for equal arrays, and for those within tolerance', () => {
    expect(difference(array([2], 1, 2), array([2], 1, 2), EQUAL)).toBeUndefined();
    expect(difference(array([1], 1.00001), array([1], 1), { atol: 2e-5, rtol: 0 })).toBeUndefined();
    expect(difference(array([1], 101), array([1], 100), { atol: 0, rtol: 0.02 })).toBeUndefined();
    expect(
      difference({ shape: [1], data: Uint8Array.of(3) }, { shape: [1], data: BigInt64Array.of(3n) }, EQUAL),
    ).toBeUndefined();
  });

  it('tells how many, how far and where first', () => {
    const found = difference(array([2, 2], 1, 2, 9, 0), array([2, 2], 1, 2, 3, 4), EQUAL);
    expect(found).toBe('2 of 4 differ, by up to 6; first at [1, 0]: 9 instead of 3');
  });

  it('never takes NaN for a number', () => {
    expect(difference(array([1], Number.NaN), array([1], 1), { atol: 9, rtol: 9 })).toMatch(/1 of 1 differ/);
    expect(difference(array([1], 1), array([1], Number.NaN), { atol: 9, rtol: 9 })).toMatch(/1 of 1 differ/);
  });

  it('tells another shape', () => {
    expect(difference(array([2], 1, 2), array([1, 2], 1, 2), EQUAL)).toBe('shape [2], expected [1, 2]');
  });
});

describe('compareArrays', () => {
  const tolerance = { atol: 0.1, rtol: 0.1 };

  it('tells the largest error, its share of the tolerance, and the angle', () => {
    const found = compareArrays(array([2], 1, 2.03), array([2], 1, 2), tolerance);
    expect(found.mismatch).toBeUndefined();
    expect(found.largest).toBeCloseTo(0.03, 12);
    expect(found.share).toBeCloseTo(0.1, 12);
    expect(found.cosine).toBeCloseTo((1 + 4.06) / Math.sqrt((1 + 2.03 ** 2) * 5), 12);
    expect(compareArrays(array([1], 0), array([1], 0), tolerance).cosine).toBe(1);
    expect(compareArrays(array([1], Number.NaN), array([1], 0), tolerance).cosine).toBeNaN();
  });

  it('leaves out what a mask over the leading axes hides', () => {
    const mask = array([2], 1, 0);
    const found = compareArrays(array([2, 2], 1, 2, 9, 9), array([2, 2], 1, 2, 0, 0), EQUAL, mask);
    expect(found).toEqual({ mismatch: undefined, largest: 0, share: 0, cosine: 1 });
    const whole = compareArrays(array([2, 2], 1, 3, 9, 9), array([2, 2], 1, 2, 0, 0), EQUAL, mask);
    expect(whole.mismatch).toBe('1 of 4 differ, by up to 1; first at [0, 1]: 3 instead of 2');
    expect(compareArrays(array([2], 1, 2), array([2], 1, 2), EQUAL, array([3], 1, 1, 1)).mismatch).toMatch(/mask/);
  });
});
