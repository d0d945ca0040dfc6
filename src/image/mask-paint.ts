/** Masks as transparent colours, one per label, to lie over the picture they belong to; and where each lies. Pure. */
import type { Box, MasksValue } from '../protocol/value.ts';
import type { Pixels } from './encode.ts';

/** Of 255: the photo stays recognisable below, and the colour stays that of the label. */
export const MASK_ALPHA = 140;

type Masks = Pick<MasksValue, 'masks' | 'width' | 'height'>;

/** RGBA of the masks' size, or of a smaller one; where masks overlap, the one with the best score is seen. */
export function paintMasks(
  { masks, width: fullWidth, height: fullHeight }: Masks,
  colours: ReadonlyMap<string, string>,
  { width, height }: { readonly width: number; readonly height: number } = { width: fullWidth, height: fullHeight },
): Pixels {
  const pixels = new Uint32Array(width * height);
  const [stepX, stepY] = [fullWidth / width, fullHeight / height];
  for (const { label, data: inside } of [...masks].sort((a, b) => a.score - b.score)) {
    const colour = pixelOf(colours.get(label) ?? '#ffffff');
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y + 0.5) * stepY) * fullWidth;
      for (let x = 0; x < width; x++) {
        if (inside[row + Math.floor((x + 0.5) * stepX)] !== 0) pixels[y * width + x] = colour;
      }
    }
  }
  return { data: new Uint8Array(pixels.buffer), width, height, channels: 4 };
}

/** `#rrggbb` as the four bytes of a pixel, in memory's order. */
function pixelOf(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return new Uint32Array(Uint8Array.of(red!, green!, blue!, MASK_ALPHA).buffer)[0]!;
}

/** The box around each mask, the best first; none around an empty one. */
export function boxesOfMasks({ masks, width }: Masks): Box[] {
  return masks
    .flatMap(({ label, score, data }) => {
      const first = data.indexOf(1);
      if (first < 0) return [];
      const [top, bottom] = [Math.floor(first / width), Math.floor(data.lastIndexOf(1) / width)];
      let [left, right] = [width, 0];
      for (let y = top; y <= bottom; y++) {
        const row = data.subarray(y * width, (y + 1) * width);
        const start = row.indexOf(1);
        if (start < 0) continue;
        left = Math.min(left, start);
        right = Math.max(right, row.lastIndexOf(1));
      }
      return [{ x: left, y: top, width: right - left + 1, height: bottom - top + 1, label, score }];
    })
    .sort((a, b) => b.score - a.score);
}
