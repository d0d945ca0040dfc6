import { describe, expect, it } from 'vitest';
import { dot, meanDirection, normalise, softmax } from '../../src/nodes/vectors.ts';

describe('vectors', () => {
  it('normalises, multiplies and averages directions', () => {
    expect(normalise([0, 2])).toEqual(Float64Array.from([0, 1]));
    expect(normalise([3, 4])[0]).toBeCloseTo(0.6, 12);
    expect(normalise([3, 4])[1]).toBeCloseTo(0.8, 12);
    expect(normalise([0, 0])).toEqual(new Float64Array(2));
    expect(dot([1, 2, 3], [4, 5, 6])).toBe(32);
    const mean = meanDirection([Float64Array.from([1, 0]), Float64Array.from([0, 1])]);
    expect(mean[0]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(mean[1]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(meanDirection([])).toEqual(new Float64Array());
  });

  it('takes the softmax of large, small and many numbers', () => {
    const [a, b] = softmax([1000, 999]);
    expect(a).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(b).toBeCloseTo(1 - a!, 12);
    expect(softmax([-1e6, -1e6])).toEqual([0.5, 0.5]);
    expect(softmax([])).toEqual([]);
    const many = softmax(Array(200_000).fill(3));
    expect(many[17]).toBeCloseTo(1 / 200_000, 12);
  });
});
