/**
 * Masks of objects in pixels: COCO polygons, COCO run lengths where there is a hole, areas.
 * Must not read pictures: the outline is the truth.
 */
import type { SceneObject } from './scene.ts';
import { contains, type Outline } from './shapes.ts';

export interface RunLengths {
  /** Column by column, alternating runs outside and inside, starting outside (COCO's uncompressed form). */
  readonly counts: readonly number[];
  /** [height, width] */
  readonly size: readonly [number, number];
}
export type Segmentation = readonly (readonly number[])[] | RunLengths;

const hundredth = (value: number): number => Math.round(value * 100) / 100;

/** 1 where the centre of a pixel lies in the outline; rows first, size * size values. */
export function rasterise(outline: Outline, size: number): Uint8Array {
  const mask = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (contains(outline, (x + 0.5) / size, (y + 0.5) / size)) mask[y * size + x] = 1;
    }
  }
  return mask;
}

/** Run lengths of a square mask, column by column as COCO stores them. */
export function runLengths(mask: Uint8Array, size: number): RunLengths {
  const counts: number[] = [];
  let current = 0;
  let run = 0;
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < size; y++) {
      const value = mask[y * size + x]!;
      if (value === current) {
        run++;
        continue;
      }
      counts.push(run);
      current = value;
      run = 1;
    }
  }
  counts.push(run);
  return { counts, size: [size, size] };
}

/** Shoelace area of the outer contour minus its hole, in square pixels. */
export function areaOf(outline: Outline, size: number): number {
  const areas = outline.map((contour) => {
    let twice = 0;
    for (const [i, [x, y]] of contour.entries()) {
      const [nextX, nextY] = contour[(i + 1) % contour.length]!;
      twice += x * nextY - nextX * y;
    }
    return Math.abs(twice) / 2;
  });
  const [outer = 0, ...holes] = areas;
  return hundredth((outer - holes.reduce((sum, hole) => sum + hole, 0)) * size * size);
}

/** A polygon when the object has no hole, run lengths when it has one (COCO polygons cannot have holes). */
export function segmentationOf(object: SceneObject, size: number): Segmentation {
  const [contour, ...holes] = object.outline;
  if (holes.length > 0 || contour === undefined) return runLengths(rasterise(object.outline, size), size);
  return [contour.flatMap(([x, y]) => [hundredth(x * size), hundredth(y * size)])];
}

/** [x, y, width, height] in pixels. */
export function boxInPixels(object: SceneObject, size: number): number[] {
  const { x, y, width, height } = object.box;
  return [x, y, width, height].map((value) => hundredth(value * size));
}
