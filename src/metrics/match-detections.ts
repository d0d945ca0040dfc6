/**
 * Which found objects are right, as COCO's evaluation matches them: best first, each takes the free true object of its
 * picture and category that it overlaps most, real ones before those that do not count.
 * Source: Lin et al., Microsoft COCO: Common Objects in Context (2014); the behaviour of its evaluation code.
 */
import { areaOf, type FoundObject, overlapOf, type TrueObject } from './detection.ts';

/** Objects of this size count, in square pixels, both ends included. */
export type AreaRange = readonly [number, number];

export interface Matching {
  readonly score: number;
  /** Where it stands among the found objects of its picture and category, best first, from 0. */
  readonly rank: number;
  readonly isRight: boolean;
  /** Neither right nor wrong: it matches what does not count, or nothing, and is itself of another size. */
  readonly isIgnored: boolean;
}

export interface PictureMatching {
  /** One list for each overlap asked for. */
  readonly found: readonly (readonly Matching[])[];
  /** True objects that count. */
  readonly total: number;
}

/** Found and true objects of one picture and one category. At most `most` of the found ones are looked at. */
export function matchDetections(
  found: readonly FoundObject[],
  truth: readonly TrueObject[],
  { overlaps, area, most }: { readonly overlaps: readonly number[]; readonly area: AreaRange; readonly most: number },
): PictureMatching {
  const isOutside = (size: number) => size < area[0] || size > area[1];
  const known = truth
    .map((object) => ({ object, isIgnored: object.isCrowd === true || isOutside(object.area ?? areaOf(object.box)) }))
    .toSorted((a, b) => Number(a.isIgnored) - Number(b.isIgnored));
  const best = found.toSorted((a, b) => b.score - a.score).slice(0, most);
  const shared = best.map(({ box }) => known.map(({ object }) => overlapOf(box, object)));
  const matchAt = (least: number): Matching[] => {
    const taken = new Set<number>();
    return best.map(({ score, box }, rank) => {
      const match = chooseMatch(shared[rank]!, known, taken, least);
      if (match >= 0) taken.add(match);
      const isIgnored = match >= 0 ? known[match]!.isIgnored : isOutside(areaOf(box));
      return { score, rank, isRight: match >= 0 && !isIgnored, isIgnored };
    });
  };
  return { found: overlaps.map(matchAt), total: known.filter(({ isIgnored }) => !isIgnored).length };
}

/** Index of the true object, or -1. A crowd is never used up. */
function chooseMatch(
  shared: readonly number[],
  known: readonly { readonly object: TrueObject; readonly isIgnored: boolean }[],
  taken: ReadonlySet<number>,
  least: number,
): number {
  let match = -1;
  let most = Math.min(least, 1 - 1e-10);
  for (const [index, { object, isIgnored }] of known.entries()) {
    if (taken.has(index) && object.isCrowd !== true) continue;
    if (match >= 0 && !known[match]!.isIgnored && isIgnored) break;
    if (shared[index]! < most) continue;
    most = shared[index]!;
    match = index;
  }
  return match;
}
