import { describe, expect, it } from 'vitest';
import { patchAreas, patchRows } from '../../../src/models/families/vilt-patches.ts';

describe('patchAreas', () => {
  it('takes the whole grid without a mask', () => {
    expect(patchAreas('m', undefined, 2, [3, 4])).toEqual([
      { height: 3, width: 4 },
      { height: 3, width: 4 },
    ]);
  });

  it('counts a patch whose top left pixel shows the picture', () => {
    // 10 x 9 pixels, patches of 4: samples at rows 0 and 5, columns 0 and 4.
    const mask = Array.from({ length: 90 }, (_, pixel) => Number(Math.floor(pixel / 9) < 6 && pixel % 9 < 4));
    expect(patchAreas('m', { data: mask, shape: [1, 10, 9] }, 1, [2, 2])).toEqual([{ height: 2, width: 1 }]);
  });
});

describe('patchRows', () => {
  it('lays out class token, patches line by line, padding; equal areas share their positions', () => {
    const areas = [
      { height: 1, width: 2 },
      { height: 2, width: 2 },
      { height: 1, width: 2 },
    ];
    const rows = patchRows(areas, [2, 3], [1, 0, 2]);
    expect(rows.length).toBe(5);
    expect([...rows.patches]).toEqual([-1, 6, 7, 9, 10, -1, 0, 1, -1, -1, -1, 12, 13, -1, -1]);
    expect([...rows.positions]).toEqual([0, 3, 4, 5, 6, 0, 1, 2, -1, -1, 0, 1, 2, -1, -1]);
    expect(rows.mask).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0]);
    expect(rows.areas).toEqual(areas.slice(0, 2));
  });
});
