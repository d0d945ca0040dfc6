import { describe, expect, it } from 'vitest';
import { cosine, mustAgree, relativeError } from '../../bench/harness/agreement.ts';

describe('relativeError', () => {
  it('is the largest difference over the largest number', () => {
    expect(relativeError([1, 2, -3.5], [1, 2.5, -4])).toBe(0.125);
    expect(relativeError([0, 0.5], [0, 0])).toBe(0.5);
  });

  it('is no number for other lengths or where one of them is none', () => {
    expect(relativeError([1], [1, 2])).toBeNaN();
    expect(relativeError([1, Number.NaN], [1, 2])).toBeNaN();
    expect(relativeError([1, 2], [1, Number.NaN])).toBeNaN();
  });
});

describe('mustAgree', () => {
  it('refuses what is too far apart, and NaN', () => {
    expect(mustAgree('x', [1.0005], [1])).toBeCloseTo(0.0005, 8);
    expect(() => mustAgree('x', [1.01], [1])).toThrow('x computes something else');
    expect(() => mustAgree('x', [Number.NaN], [1])).toThrow('NaN');
  });
});

describe('cosine', () => {
  it('is 1 along, 0 across, -1 against', () => {
    expect(cosine([1, 2], [2, 4])).toBeCloseTo(1, 12);
    expect(cosine([1, 0], [0, 1])).toBe(0);
    expect(cosine([1, 0], [-3, 0])).toBe(-1);
  });
});
