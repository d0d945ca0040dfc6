/** What detection metrics compare: boxes of pictures, found and true. Knows no metric. */

/** In pixels of the picture. */
export interface BoxRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface FoundObject {
  readonly picture: number;
  readonly category: number;
  readonly score: number;
  readonly box: BoxRegion;
}

export interface TrueObject {
  readonly picture: number;
  readonly category: number;
  readonly box: BoxRegion;
  /** As the dataset measured it, often of a mask; the box's own when left out. */
  readonly area?: number;
  /** A group that may be found any number of times, or not at all. */
  readonly isCrowd?: boolean;
}

export function areaOf({ width, height }: BoxRegion): number {
  return width * height;
}

/** Intersection over union; of a crowd, over what was found alone, since nobody finds all of it. */
export function overlapOf(found: BoxRegion, { box, isCrowd = false }: Pick<TrueObject, 'box' | 'isCrowd'>): number {
  const width = Math.min(found.x + found.width, box.x + box.width) - Math.max(found.x, box.x);
  const height = Math.min(found.y + found.height, box.y + box.height) - Math.max(found.y, box.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (isCrowd ? areaOf(found) : areaOf(found) + areaOf(box) - shared);
}
