import { describe, expect, it } from 'vitest';
import { labelGroups } from '../../../src/models/pipelines/groupvit.ts';
import { masksAbove, masksOfLargest, seenRegion } from '../../../src/models/pipelines/picture-masks.ts';
import { sampleFrames } from '../../../src/models/pipelines/sample-frames.ts';
import { Tensor } from '../../../src/native/tensor.ts';

const WHOLE = { x: 0, y: 0, width: 8, height: 4, gridWidth: 8, gridHeight: 4 };

/** Rows of the mask as texts. */
function drawn(mask: Uint8Array, width: number): string[] {
  return Array.from({ length: mask.length / width }, (_, row) => mask.slice(row * width, (row + 1) * width).join(''));
}

describe('the part of a picture that a model sees', () => {
  it('is the whole picture where it was only resized', () => {
    expect(seenRegion(WHOLE, { width: 100, height: 30 })).toEqual({ left: 0, top: 0, width: 100, height: 30 });
  });

  it('is the middle where the rest was cropped, and more than the picture where it was padded', () => {
    const cropped = { x: -4, y: 0, width: 16, height: 8, gridWidth: 8, gridHeight: 8 };
    expect(seenRegion(cropped, { width: 32, height: 16 })).toEqual({ left: 8, top: 0, width: 16, height: 16 });
    const padded = { x: 0, y: 2, width: 8, height: 4, gridWidth: 8, gridHeight: 8 };
    expect(seenRegion(padded, { width: 8, height: 4 })).toEqual({ left: 0, top: -2, width: 8, height: 8 });
  });
});

describe('masks', () => {
  const planes = Tensor.from(Float32Array.of(-1, 3, 2, -4, 5, 5, -5, 5), [2, 2, 2]);

  it('are 1 where a plane is above the limit, at the size of the picture', async () => {
    const picture = { width: 2, height: 2 };
    const place = { region: { left: 0, top: 0, ...picture }, picture };
    const [first, second] = await masksAbove(planes, 0, place);
    expect(drawn(first!, 2)).toEqual(['01', '10']);
    expect(drawn(second!, 2)).toEqual(['11', '01']);
    const [none] = await masksAbove(planes, 3, place);
    expect(drawn(none!, 2)).toEqual(['00', '00']);
  });

  it('are empty where the model saw nothing, and lack what lies beyond the picture', async () => {
    const picture = { width: 4, height: 3 };
    const [middle] = await masksAbove(planes, 0, { region: { left: 1, top: 1, width: 2, height: 2 }, picture });
    expect(drawn(middle!, 4)).toEqual(['0000', '0010', '0100']);
    const [corner] = await masksAbove(planes, 0, { region: { left: -1, top: -1, width: 2, height: 2 }, picture });
    expect(drawn(corner!, 4)).toEqual(['0000', '0000', '0000']);
    const [, beyond] = await masksAbove(planes, 0, { region: { left: 3, top: 0, width: 2, height: 2 }, picture });
    expect(drawn(beyond!, 4)).toEqual(['0001', '0000', '0000']);
  });

  it('follow the largest plane, which may belong to no mask', async () => {
    const picture = { width: 2, height: 2 };
    const place = { region: { left: 0, top: 0, ...picture }, picture };
    const masks = await masksOfLargest(planes, 2, [1, undefined], place);
    expect(masks.map((mask) => drawn(mask, 2))).toEqual([
      ['00', '00'],
      ['00', '10'],
    ]);
  });
});

describe('labels of groups', () => {
  it('are the most probable ones that reach the threshold', () => {
    const shares = Float32Array.of(0.75, 0.25, 0.125, 0.875, 0.5, 0.5);
    expect(labelGroups(shares, 2, 0.7)).toEqual({ labelOf: [0, 1, undefined], surest: [0.75, 0.875] });
  });

  it('are that of the surest group where none reaches it', () => {
    expect(labelGroups(Float32Array.of(0.5, 0.5, 0.25, 0.75), 2, 0.9).labelOf).toEqual([undefined, 1]);
  });
});

describe('frames of a video', () => {
  it('are taken from the first to the last at even distances', () => {
    const frames = Array.from({ length: 10 }, (_, index) => index);
    expect(sampleFrames('m', frames, 4)).toEqual([0, 3, 6, 9]);
    expect(sampleFrames('m', frames, 1)).toEqual([0]);
    expect(sampleFrames('m', [7, 8], 4)).toEqual([7, 7, 7, 8]);
  });

  it('must be there', () => {
    expect(() => sampleFrames('m', [], 4)).toThrow(expect.objectContaining({ code: 'model/bad-input' }));
  });
});
