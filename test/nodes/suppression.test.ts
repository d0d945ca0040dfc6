import { describe, expect, it } from 'vitest';
import { intersectionOverUnion, suppress } from '../../src/nodes/suppression.ts';

const box = (x: number, y: number, width: number, height: number, score: number, group = 0) => {
  return { x, y, width, height, score, group };
};

describe('suppression', () => {
  it('measures intersection over union', () => {
    expect(intersectionOverUnion(box(0, 0, 10, 10, 1), box(0, 0, 10, 10, 1))).toBe(1);
    expect(intersectionOverUnion(box(0, 0, 10, 10, 1), box(5, 0, 10, 10, 1))).toBeCloseTo(1 / 3, 12);
    expect(intersectionOverUnion(box(0, 0, 10, 10, 1), box(10, 0, 5, 5, 1))).toBe(0);
    expect(intersectionOverUnion(box(0, 0, 10, 10, 1), box(2, 2, 5, 4, 1))).toBeCloseTo(0.2, 12);
    expect(intersectionOverUnion(box(0, 0, 0, 0, 1), box(0, 0, 0, 0, 1))).toBe(0);
  });

  it('keeps the best of boxes that overlap more than allowed', () => {
    const a = box(0, 0, 10, 10, 0.8);
    const b = box(5, 0, 10, 10, 0.9);
    const c = box(100, 0, 10, 10, 0.1);
    const options = { overlap: 0.3, perGroup: true, limit: 10 };
    expect(suppress([a, b, c], options)).toEqual([b, c]);
    expect(suppress([a, b, c], { ...options, overlap: 0.34 })).toEqual([b, a, c]);
    expect(suppress([a, b, c], { ...options, limit: 1 })).toEqual([b]);
  });

  it('lets groups compete only when asked', () => {
    const a = box(0, 0, 10, 10, 0.8, 1);
    const b = box(0, 0, 10, 10, 0.9, 2);
    expect(suppress([a, b], { overlap: 0.5, perGroup: true, limit: 10 })).toEqual([b, a]);
    expect(suppress([a, b], { overlap: 0.5, perGroup: false, limit: 10 })).toEqual([b]);
  });

  it('does not let a suppressed box suppress others', () => {
    // b covers a and c; a and c do not touch enough.
    const a = box(0, 0, 10, 10, 0.9);
    const b = box(4, 0, 10, 10, 0.8);
    const c = box(8, 0, 10, 10, 0.7);
    expect(suppress([a, b, c], { overlap: 0.4, perGroup: true, limit: 10 })).toEqual([a, c]);
  });
});
