import { describe, expect, it } from 'vitest';
import { seenRegions } from '../../../src/models/regions/seen-regions.ts';

const array = (shape: readonly number[], numbers: readonly number[]) => ({ shape, data: Float32Array.from(numbers) });
const FEATURES = array([2, 3], [1, 2, 3, 4, 5, 6]);
const BOXES = array([2, 4], [0, 0, 0.5, 1, 0.25, 0.25, 1, 1]);

describe('seenRegions', () => {
  it('takes one picture, with or without an axis for it, boxes as shares', () => {
    const seen = seenRegions(FEATURES, 'f.npy', { boxes: BOXES });
    expect(seen).toEqual({ features: FEATURES.data, regions: 2, dim: 3, boxes: BOXES.data, width: 1, height: 1 });
    const batched = seenRegions({ ...FEATURES, shape: [1, 2, 3] }, 'f.npy', { boxes: { ...BOXES, shape: [1, 2, 4] } });
    expect(batched).toEqual(seen);
    expect(seenRegions(FEATURES, 'f.npy').boxes).toBeUndefined();
  });

  it('takes boxes in pixels of a picture of a known size', () => {
    const boxes = array([2, 4], [0, 0, 20, 30, 10, 7, 40.2, 30]);
    expect(seenRegions(FEATURES, 'f.npy', { boxes, size: { width: 40, height: 30 } })).toMatchObject({
      width: 40,
      height: 30,
    });
    expect(() => seenRegions(FEATURES, 'f.npy', { boxes, boxPath: 'b.npy' })).toThrow('in a picture of 1 x 1');
  });

  it.each<[string, Parameters<typeof seenRegions>[0], Parameters<typeof seenRegions>[2], string]>([
    ['features of several pictures', array([2, 1, 3], [1, 2, 3, 4, 5, 6]), {}, 'its shape is [2, 1, 3]'],
    ['no region', array([0, 3], []), {}, 'its shape is [0, 3]'],
    ['boxes of other regions', FEATURES, { boxes: array([1, 4], [0, 0, 1, 1]) }, 'its shape is [1, 4]'],
    ['boxes of five numbers', FEATURES, { boxes: array([2, 5], Array(10).fill(0)) }, 'its shape is [2, 5]'],
    [
      'a box the wrong way round',
      FEATURES,
      { boxes: array([2, 4], [0.5, 0, 0, 1, 0, 0, 1, 1]) },
      'box 1 is (0.5, 0, 0, 1)',
    ],
    ['a box above the picture', FEATURES, { boxes: array([2, 4], [0, 0, 1, 1, 0, -0.5, 1, 1]) }, 'box 2 is'],
  ])('refuses %s', (_, features, more, reason) => {
    expect(() => seenRegions(features, 'f.npy', more)).toThrow(expect.objectContaining({ code: 'input/bad-file' }));
    expect(() => seenRegions(features, 'f.npy', more)).toThrow(reason);
  });
});
