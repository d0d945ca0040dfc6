/**
 * Which patches of a batch of pictures ViLT reads, and where they lie: pictures of several sizes stand in the top left
 * corner of one canvas, and a mask of pixels says how far each reaches. Pure.
 */
import { WeftError } from '../../errors.ts';

/** Patches along height and width that show a picture. */
export interface PatchArea {
  readonly height: number;
  readonly width: number;
}

/** [pictures, height, width]: 1 where there is picture, 0 where there is padding. */
export interface PixelMask {
  readonly data: ArrayLike<number | bigint>;
  readonly shape: readonly number[];
}

type Grid = readonly [number, number];

/**
 * A patch counts when the pixel at its top left is part of the picture: the mask is brought to the grid of patches by
 * its nearest pixels, as PyTorch rounds them. Throws `model/bad-input` for a mask of another shape, for a picture that
 * is not a rectangle from the top left corner, and for one without a patch.
 */
export function patchAreas(model: string, mask: PixelMask | undefined, pictures: number, grid: Grid): PatchArea[] {
  if (mask === undefined) return Array.from({ length: pictures }, () => ({ height: grid[0], width: grid[1] }));
  const fail = (expected: string, received: string): never => {
    throw new WeftError('model/bad-input', { model, input: 'pixel_mask', expected, received });
  };
  const [count, height = 0, width = 0] = mask.shape;
  if (mask.shape.length !== 3 || count !== pictures || mask.data.length !== pictures * height * width) {
    fail(`[${pictures} x height x width]`, `[${mask.shape.join(' x ')}]`);
  }
  const rows = nearest(height, grid[0]);
  const columns = nearest(width, grid[1]);
  return Array.from({ length: pictures }, (_, picture) => {
    const shows = (row: number, column: number) =>
      Number(mask.data[(picture * height + rows[row]!) * width + columns[column]!]) !== 0;
    const area = {
      height: rows.filter((_, row) => shows(row, 0)).length,
      width: columns.filter((_, column) => shows(0, column)).length,
    };
    const isRectangle = rows.every((_, row) =>
      columns.every((_, column) => shows(row, column) === (row < area.height && column < area.width)),
    );
    const received = `patches that show picture ${picture} are ${isRectangle ? 'none' : 'no rectangle'}`;
    return isRectangle && area.height > 0 ? area : fail('every picture in the top left corner', received);
  });
}

/** The places that `count` samples of `size` pixels are taken from. PyTorch computes them in float32. */
function nearest(size: number, count: number): number[] {
  const scale = Math.fround(size / count);
  return Array.from({ length: count }, (_, index) => Math.min(size - 1, Math.floor(Math.fround(index * scale))));
}

export interface PatchRows {
  /** [texts, rows]: of all pictures' patches, one grid after the other; -1 where there is none. */
  readonly patches: Int32Array;
  /** [texts, rows]: of the table of positions, which begins with the class token's and goes on area by area. */
  readonly positions: Int32Array;
  /** [texts, rows]: 1 is a patch or the class token, 0 is padding. */
  readonly mask: readonly number[];
  /** Rows of each text's picture. */
  readonly length: number;
  /** Different areas, in the order of the table. */
  readonly areas: readonly PatchArea[];
}

/**
 * The rows of the picture that each text looks at: the class token, then the patches line by line, then padding.
 * @param pictureOf the picture of each text
 */
export function patchRows(areas: readonly PatchArea[], grid: Grid, pictureOf: readonly number[]): PatchRows {
  const starts = new Map<string, number>();
  const different: PatchArea[] = [];
  let end = 1;
  for (const area of areas) {
    if (starts.has(nameOf(area))) continue;
    starts.set(nameOf(area), end);
    different.push(area);
    end += area.height * area.width;
  }
  const length = 1 + Math.max(...pictureOf.map((picture) => areas[picture]!.height * areas[picture]!.width));
  const patches = new Int32Array(pictureOf.length * length).fill(-1);
  const positions = new Int32Array(pictureOf.length * length).fill(-1);
  pictureOf.forEach((picture, text) => {
    const { height, width } = areas[picture]!;
    const start = starts.get(nameOf(areas[picture]!))!;
    positions[text * length] = 0;
    for (let patch = 0; patch < height * width; patch += 1) {
      const row = Math.floor(patch / width);
      const place = text * length + 1 + patch;
      patches[place] = (picture * grid[0] + row) * grid[1] + (patch % width);
      positions[place] = start + patch;
    }
  });
  return { patches, positions, mask: Array.from(positions, (row) => Number(row >= 0)), length, areas: different };
}

function nameOf({ height, width }: PatchArea): string {
  return `${height} x ${width}`;
}
