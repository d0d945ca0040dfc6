/**
 * Average precision and recall of detections, the twelve figures that COCO's evaluation prints for boxes: precision is read
 * off its envelope at 101 recalls, averaged over overlaps 0.50 to 0.95 and over categories.
 * Source: Lin et al., Microsoft COCO: Common Objects in Context (2014); the behaviour of its evaluation code.
 */
import { WeftError } from '../errors.ts';
import type { FoundObject, TrueObject } from './detection.ts';
import { type AreaRange, type Matching, matchDetections, type PictureMatching } from './match-detections.ts';

const OVERLAPS = Array.from({ length: 10 }, (_, index) => (50 + 5 * index) / 100);
const RECALLS = Array.from({ length: 101 }, (_, index) => index / 100);
const MOST = 100;
const EVERY_SIZE: AreaRange = [0, 1e10];
const SMALL: AreaRange = [0, 32 ** 2];
const MEDIUM: AreaRange = [32 ** 2, 96 ** 2];
const LARGE: AreaRange = [96 ** 2, 1e10];

/** In [0, 1]; NaN where no object is of that size. */
export interface CocoDetectionScores {
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
  readonly apSmall: number;
  readonly apMedium: number;
  readonly apLarge: number;
  /** Recall with at most 1, 10 and 100 found objects for each picture and category. */
  readonly ar1: number;
  readonly ar10: number;
  readonly ar100: number;
  readonly arSmall: number;
  readonly arMedium: number;
  readonly arLarge: number;
}

/** One category's curve at one overlap. */
interface Curve {
  /** At 101 recalls. */
  readonly precisions: readonly number[];
  /** All that was found. */
  readonly recall: number;
}

/** Found objects of pictures and categories without a true one count as wrong. Throws `metric/bad-input` without truth. */
export function cocoDetectionScores(found: readonly FoundObject[], truth: readonly TrueObject[]): CocoDetectionScores {
  if (truth.length === 0) {
    throw new WeftError('metric/bad-input', { metric: 'AP', expected: 'at least one true object', received: 'none' });
  }
  const categories = byCategory(found, truth);
  const match = (area: AreaRange) =>
    categories.map((pictures) =>
      pictures.map((one) => matchDetections(one.found, one.truth, { overlaps: OVERLAPS, area, most: MOST })),
    );
  /** Curves of all categories that have an object of that size, for each overlap. */
  const curves = (matched: readonly (readonly PictureMatching[])[], most = MOST): Curve[][] =>
    OVERLAPS.map((_, overlap) => matched.flatMap((pictures) => curveOf(pictures, overlap, most) ?? []));
  const every = match(EVERY_SIZE);
  const all = curves(every);
  const [small, medium, large] = [curves(match(SMALL)), curves(match(MEDIUM)), curves(match(LARGE))];
  return {
    ap: precision(all),
    ap50: precision([all[OVERLAPS.indexOf(0.5)]!]),
    ap75: precision([all[OVERLAPS.indexOf(0.75)]!]),
    apSmall: precision(small),
    apMedium: precision(medium),
    apLarge: precision(large),
    ar1: recall(curves(every, 1)),
    ar10: recall(curves(every, 10)),
    ar100: recall(all),
    arSmall: recall(small),
    arMedium: recall(medium),
    arLarge: recall(large),
  };
}

interface PictureObjects {
  readonly found: FoundObject[];
  readonly truth: TrueObject[];
}

/** Of each category, its pictures in order: equal scores keep that order. */
function byCategory(found: readonly FoundObject[], truth: readonly TrueObject[]): PictureObjects[][] {
  const categories = new Map<number, Map<number, PictureObjects>>();
  const place = ({ category, picture }: FoundObject | TrueObject): PictureObjects => {
    const pictures = categories.get(category) ?? new Map<number, PictureObjects>();
    categories.set(category, pictures);
    const objects = pictures.get(picture) ?? { found: [], truth: [] };
    pictures.set(picture, objects);
    return objects;
  };
  for (const object of found) place(object).found.push(object);
  for (const object of truth) place(object).truth.push(object);
  return [...categories.values()].map((pictures) =>
    [...pictures].toSorted(([a], [b]) => a - b).map(([, objects]) => objects),
  );
}

/** Undefined where no true object counts. */
function curveOf(pictures: readonly PictureMatching[], overlap: number, most: number): Curve | undefined {
  const total = pictures.reduce((sum, picture) => sum + picture.total, 0);
  if (total === 0) return undefined;
  const claims = pictures
    .flatMap((picture) => picture.found[overlap]!.filter(({ rank }) => rank < most))
    .toSorted((a: Matching, b: Matching) => b.score - a.score)
    .filter(({ isIgnored }) => !isIgnored);
  let right = 0;
  const points = claims.map(({ isRight }, index) => {
    if (isRight) right += 1;
    return { recall: right / total, precision: right / (index + 1) };
  });
  return { precisions: readEnvelope(points), recall: right / total };
}

/** At each recall, the best precision from the first point on that reaches it; 0 where none does. */
function readEnvelope(points: readonly { readonly recall: number; readonly precision: number }[]): number[] {
  const envelope: number[] = [];
  for (let index = points.length - 1, best = 0; index >= 0; index -= 1) {
    best = Math.max(best, points[index]!.precision);
    envelope[index] = best;
  }
  let next = 0;
  return RECALLS.map((recall) => {
    while (next < points.length && points[next]!.recall < recall) next += 1;
    return envelope[next] ?? 0;
  });
}

function precision(curves: readonly (readonly Curve[])[]): number {
  return mean(curves.flat().flatMap(({ precisions }) => precisions));
}

function recall(curves: readonly (readonly Curve[])[]): number {
  return mean(curves.flat().map((curve) => curve.recall));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
