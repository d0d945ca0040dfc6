/** What a detector saw in one picture, as files tell it. Pure. */
import { WeftError } from '../../errors.ts';
import type { FloatArray } from './npy.ts';

export interface SeenRegions {
  /** float32 [regions, dim]. */
  readonly features: Float32Array;
  readonly regions: number;
  readonly dim: number;
  /** float32 [regions, 4]: left, top, right, bottom in pixels of the picture; as shares where its size is 1 x 1. */
  readonly boxes: Float32Array | undefined;
  readonly width: number;
  readonly height: number;
}

/** How far rounding may push a box over the picture's edge, as a share of it. */
const SLACK = 1e-2;

/**
 * @param size of the picture in pixels, where boxes are given so; left out: they are shares of it
 * @param path how errors name the file of the features. Throws `input/bad-file`.
 */
export function seenRegions(
  features: FloatArray,
  path: string,
  {
    boxes,
    boxPath = path,
    size,
  }: { boxes?: FloatArray; boxPath?: string; size?: { width: number; height: number } } = {},
): SeenRegions {
  const shape = features.shape.length === 3 && features.shape[0] === 1 ? features.shape.slice(1) : features.shape;
  const [regions = 0, dim = 0] = shape;
  if (shape.length !== 2 || regions < 1 || dim < 1) {
    const reason = `its shape is [${features.shape.join(', ')}]`;
    throw new WeftError('input/bad-file', { expected: 'features [regions, numbers] of one picture', path, reason });
  }
  const { width, height } = size ?? { width: 1, height: 1 };
  if (boxes !== undefined) checkBoxes(boxes, boxPath, { regions, width, height });
  return { features: features.data, regions, dim, boxes: boxes?.data, width, height };
}

function checkBoxes(
  { data, shape }: FloatArray,
  path: string,
  { regions, width, height }: { regions: number; width: number; height: number },
): void {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-file', { expected: `${regions} boxes (left, top, right, bottom)`, path, reason });
  };
  const sides = shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
  if (sides.length !== 2 || sides[0] !== regions || sides[1] !== 4) fail(`its shape is [${shape.join(', ')}]`);
  for (let region = 0; region < regions; region += 1) {
    const [left = 0, top = 0, right = 0, bottom = 0] = data.subarray(4 * region, 4 * region + 4);
    const inside = left >= -SLACK * width && top >= -SLACK * height && right <= (1 + SLACK) * width;
    if (inside && bottom <= (1 + SLACK) * height && left <= right && top <= bottom) continue;
    const box = [left, top, right, bottom].join(', ');
    fail(`box ${region + 1} is (${box}), which does not lie in a picture of ${width} x ${height}`);
  }
}
