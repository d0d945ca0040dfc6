import { describe, expect, it } from 'vitest';
import { axisWeights } from '../../src/image/smooth-zoom.ts';

/** The weights as rows of a full matrix. */
function matrix(length: number, target: number): number[][] {
  const { starts, offsets, weights } = axisWeights(length, target);
  return Array.from({ length: target }, (_, index) => {
    const row = new Array<number>(length).fill(0);
    weights.slice(offsets[index], offsets[index + 1]).forEach((weight, tap) => {
      row[(starts[index] as number) + tap] = weight;
    });
    return row;
  });
}

describe('axisWeights', () => {
  it('is the identity for an equal size', () => {
    expect(matrix(4, 4)).toEqual([0, 1, 2, 3].map((one) => [0, 1, 2, 3].map((x) => (x === one ? 1 : 0))));
  });

  it('interpolates linearly and mirrors when it enlarges', () => {
    // Positions -0.25, 0.25, 0.75, 1.25: the first reads |-0.25|, the last 2 - 1.25.
    expect(matrix(2, 4)).toEqual([
      [0.75, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.25, 0.75],
    ]);
  });

  it.each([
    [100, 7],
    [9, 1],
    [3, 2],
    [1, 5],
    [1, 1],
    [2, 1],
  ])('is positive and sums to one (%i to %i)', (length, target) => {
    for (const row of matrix(length, target)) {
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
    }
  });

  it('blurs before it shrinks', () => {
    // 40 to 10: a deviation of 1.5, so a sample far from the two that are interpolated still counts.
    const row = matrix(40, 10)[5] as number[];
    expect(row.filter((weight) => weight > 0).length).toBeGreaterThan(8);
  });
});
