/** Non-maximum suppression: of boxes that cover the same thing, the best stays. Pure. */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Candidate extends Rectangle {
  readonly score: number;
  readonly group: number;
}

export interface SuppressionOptions {
  /** A box goes when it overlaps a better one by more than this (intersection over union). */
  readonly overlap: number;
  /** Only boxes of the same group compete. */
  readonly perGroup: boolean;
  readonly limit: number;
}

/** The boxes that stay, best first; equal scores keep their order. At most `limit` x candidates comparisons. */
export function suppress<T extends Candidate>(candidates: readonly T[], options: SuppressionOptions): T[] {
  const kept: T[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    if (kept.length >= options.limit) break;
    const covered = kept.some(
      (better) =>
        (!options.perGroup || better.group === candidate.group) &&
        intersectionOverUnion(better, candidate) > options.overlap,
    );
    if (!covered) kept.push(candidate);
  }
  return kept;
}

export function intersectionOverUnion(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a.width * a.height + b.width * b.height - intersection);
}
