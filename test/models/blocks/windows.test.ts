import { describe, expect, it } from 'vitest';
import { countOffsets, offsetsOf } from '../../../src/models/blocks/relative-positions.ts';
import { planMerge, planWindows } from '../../../src/models/blocks/windows.ts';

describe('windows', () => {
  it('cut a map and put it together again', () => {
    const plan = planWindows(2, [2, 4], 2, 0);
    expect([...plan.into]).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
    expect([...plan.back].map((place) => plan.into[place])).toEqual(Array.from({ length: 16 }, (_, row) => row));
    expect(plan.mask).toBeUndefined();
  });

  it('are filled up at the right and at the bottom', () => {
    const plan = planWindows(1, [1, 3], 2, 0);
    expect([...plan.into]).toEqual([0, 1, -1, -1, 2, -1, -1, -1]);
    expect([...plan.back]).toEqual([0, 1, 4]);
  });

  it('go around the edges when they are shifted, and hide what lies there', () => {
    const plan = planWindows(1, [4, 4], 2, 1);
    expect([...plan.into.slice(0, 4)]).toEqual([5, 6, 9, 10]);
    expect([...plan.into.slice(12)]).toEqual([15, 12, 3, 0]);
    const masks = Array.from({ length: 4 }, (_, window) => [...plan.mask!.slice(16 * window, 16 * window + 16)]);
    expect(masks[0]).toEqual(Array(16).fill(0));
    expect(masks[1]!.slice(0, 4)).toEqual([0, -100, 0, -100]);
    expect(masks[3]!.slice(0, 4)).toEqual([0, -100, -100, -100]);
  });

  it('join four patches, column by column', () => {
    expect([...planMerge(1, [2, 3])]).toEqual([0, 3, 1, 4, 2, 5, -1, -1]);
  });
});

describe('offsets between patches', () => {
  it('are rows of a table for a grid', () => {
    expect(countOffsets(2, 3)).toBe(15);
    expect([...offsetsOf(1, 2)]).toEqual([1, 0, 2, 1]);
    const offsets = offsetsOf(2, 2, 1);
    expect([...offsets.slice(5, 10)]).toEqual([0, 4, 3, 1, 0]);
    expect(offsets[24]).toBe(4);
  });
});
