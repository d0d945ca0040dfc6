/**
 * Masks of the original picture from planes of numbers over what a model saw of it: resized to that part of the picture,
 * cut where they pass a limit or where they are the largest, and zero elsewhere. All in the addon but for the last bytes.
 */
import type { Placement } from '../../image/placement.ts';
import type { Size } from '../../image/processor.ts';
import { permute, reshape } from '../../native/arrange.ts';
import { maskRle, upsample } from '../../native/planes.ts';
import { argmax } from '../../native/rows.ts';
import type { Tensor } from '../../native/tensor.ts';

/** Pixels of the picture, perhaps beyond its edges. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/** The part of a picture that the model's whole grid of pixels shows. At least one pixel. */
export function seenRegion({ x, y, width, height, gridWidth, gridHeight }: Placement, picture: Size): Region {
  const [across, down] = [picture.width / width, picture.height / height];
  const [left, top] = [Math.round(0 - x * across), Math.round(0 - y * down)];
  return {
    ...{ left, top },
    width: Math.max(1, Math.round((gridWidth - x) * across) - left),
    height: Math.max(1, Math.round((gridHeight - y) * down) - top),
  };
}

export interface MaskPlace {
  readonly region: Region;
  readonly picture: Size;
  readonly signal?: AbortSignal | undefined;
}

/** One mask [picture height, picture width] for each plane [planes, height, width]: 1 where it is above `limit`. */
export async function masksAbove(planes: Tensor, limit: number, place: MaskPlace): Promise<Uint8Array[]> {
  const { region, signal } = place;
  using resized = await upsample(planes, { height: region.height, width: region.width, signal });
  // Runs go down columns; of the turned planes they go along rows, so that each is one stretch of the mask.
  using turned = await permute(resized, [0, 2, 1], { signal });
  const masks = await maskRle(turned, { threshold: limit, signal });
  return masks.map(({ counts }) => {
    const part = new Uint8Array(region.width * region.height);
    let at = 0;
    for (const [index, count] of counts.entries()) {
      if (index % 2 === 1) part.fill(1, at, at + count);
      at += count;
    }
    return paste(part, place);
  });
}

/**
 * `count` masks: every pixel goes to the plane that is the largest there, and to the mask that the plane belongs to by
 * `maskOf`, if to any.
 */
export async function masksOfLargest(
  planes: Tensor,
  count: number,
  maskOf: readonly (number | undefined)[],
  place: MaskPlace,
): Promise<Uint8Array[]> {
  const { region, signal } = place;
  using resized = await upsample(planes, { height: region.height, width: region.width, signal });
  using flat = reshape(resized, [planes.shape[0]!, region.height * region.width]);
  using pixels = await permute(flat, [1, 0], { signal });
  const largest = await argmax(pixels, { signal });
  const parts = Array.from({ length: count }, () => new Uint8Array(largest.length));
  for (let pixel = 0; pixel < largest.length; pixel += 1) {
    const mask = maskOf[largest[pixel]!];
    if (mask !== undefined) parts[mask]![pixel] = 1;
  }
  return parts.map((part) => paste(part, place));
}

/** The part of the picture that is inside it. */
function paste(part: Uint8Array, { region, picture }: MaskPlace): Uint8Array {
  const { left, top, width, height } = region;
  if (left === 0 && top === 0 && width === picture.width && height === picture.height) return part;
  const mask = new Uint8Array(picture.width * picture.height);
  const [from, to] = [Math.max(0, left), Math.min(picture.width, left + width)];
  for (let row = Math.max(0, top); row < Math.min(picture.height, top + height); row += 1) {
    const start = (row - top) * width - left;
    if (to > from) mask.set(part.subarray(start + from, start + to), row * picture.width + from);
  }
  return mask;
}
