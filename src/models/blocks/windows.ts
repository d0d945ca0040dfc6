/**
 * Which rows of a map [batch, height * width] stand in which window, where windows are shifted, and which of a window's
 * patches do not see each other. Source: Liu et al., Swin Transformer (2021), section 3.2. Pure.
 */
import type { Grid } from './patches.ts';

export interface WindowPlan {
  /** Windows of one picture. */
  readonly windows: number;
  /** Patches of a window. */
  readonly area: number;
  /** [batch * windows, area]: the map's row at each place, -1 for padding at the right and the bottom. */
  readonly into: Int32Array;
  /** [batch, height * width]: the place of each of the map's rows. */
  readonly back: Int32Array;
  /** [windows, area, area]: -100 where two patches come from opposite edges; undefined for windows that are not shifted. */
  readonly mask: Float32Array | undefined;
}

/** What is added to scores that are not to be seen. */
const HIDDEN = -100;

/** Windows of `side` x `side`, moved up and left by `shift` around the map's edges. */
export function planWindows(batch: number, [height, width]: Grid, side: number, shift: number): WindowPlan {
  const [rows, columns] = [Math.ceil(height / side), Math.ceil(width / side)];
  const [windows, area] = [rows * columns, side * side];
  const [paddedHeight, paddedWidth] = [rows * side, columns * side];
  const into = new Int32Array(batch * windows * area);
  const back = new Int32Array(batch * height * width);
  const regions = new Uint8Array(windows * area);
  for (let window = 0; window < windows; window += 1) {
    for (let place = 0; place < area; place += 1) {
      const y = Math.floor(window / columns) * side + Math.floor(place / side);
      const x = (window % columns) * side + (place % side);
      const at = window * area + place;
      regions[at] = 3 * region(y, paddedHeight, side, shift) + region(x, paddedWidth, side, shift);
      const [down, right] = [(y + shift) % paddedHeight, (x + shift) % paddedWidth];
      const isPadding = down >= height || right >= width;
      const row = down * width + right;
      for (let picture = 0; picture < batch; picture += 1) {
        const there = picture * windows * area + at;
        const here = picture * height * width + row;
        into[there] = isPadding ? -1 : here;
        if (!isPadding) back[here] = there;
      }
    }
  }
  return { windows, area, into, back, mask: shift === 0 ? undefined : maskOf(regions, windows, area) };
}

/** Stripes of a shifted axis that lay apart before the shift. */
function region(place: number, length: number, side: number, shift: number): number {
  return Number(place >= length - side) + Number(place >= length - shift);
}

function maskOf(regions: Uint8Array, windows: number, area: number): Float32Array {
  const mask = new Float32Array(windows * area * area);
  for (let window = 0; window < windows; window += 1) {
    const start = window * area;
    for (let pair = 0; pair < area * area; pair += 1) {
      const isApart = regions[start + Math.floor(pair / area)] !== regions[start + (pair % area)];
      if (isApart) mask[start * area + pair] = HIDDEN;
    }
  }
  return mask;
}

/**
 * Four patches of a square beside each other, [batch, ceil(height / 2) * ceil(width / 2) * 4]: upper left, lower left,
 * upper right, lower right; -1 beyond the map.
 */
export function planMerge(batch: number, [height, width]: Grid): Int32Array {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  return Int32Array.from({ length: batch * rows * columns * 4 }, (_, index) => {
    const square = Math.floor(index / 4);
    const x = 2 * (square % columns) + Number(index % 4 >= 2);
    const y = 2 * (Math.floor(square / columns) % rows) + (index % 2);
    const picture = Math.floor(square / (rows * columns));
    return y < height && x < width ? (picture * height + y) * width + x : -1;
  });
}
