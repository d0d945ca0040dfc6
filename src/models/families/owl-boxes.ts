/**
 * What OWL-ViT makes of the numbers of its heads: boxes on the grid of patches, the box of a picture that stands for it, and
 * detections in pixels. Pure; the Euclidean sizes of all this are small.
 */
import { sigmoid } from '../blocks/sigmoid.ts';

/** Corners of one box: left, top, right, bottom. */
export type Corners = readonly [number, number, number, number];

export interface Detection {
  readonly corners: Corners;
  readonly score: number;
  /** Of the queries, by number. */
  readonly query: number;
}

/** What a cell's position is kept away from 0 and 1 by. */
const MARGIN = Math.fround(1e-4);

/**
 * Biases [rows * columns, 4] of the boxes' logits: a box lies, by default, at its patch and is as large. The logit of the
 * cell's right lower corner (i / n for i from 1 to n) for the centre, of 1 / n for the size.
 */
export function boxBias([rows, columns]: readonly [number, number]): Float32Array {
  const bias = new Float32Array(4 * rows * columns);
  const size = [cellLogit(1 / columns), cellLogit(1 / rows)] as const;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const centre = [cellLogit((column + 1) / columns), cellLogit((row + 1) / rows)];
      bias.set([...centre, ...size], 4 * (row * columns + column));
    }
  }
  return bias;
}

/** log(x + margin) - log(1 - x + margin), in the float32 steps of transformers: at 1 their rounding shows. */
function cellLogit(share: number): number {
  const x = Math.fround(share);
  return (
    Math.fround(Math.log(Math.fround(x + MARGIN))) - Math.fround(Math.log1p(Math.fround(Math.fround(-x) + MARGIN)))
  );
}

/** sigmoid(logits + bias) of [pictures, patches, 4]: centre x, centre y, width, height as shares of the picture. */
export function placeBoxes(logits: Float32Array, bias: Float32Array): Float32Array {
  return logits.map((value, index) => sigmoid(value + bias[index % bias.length]!));
}

/** Box `index` of [patches, 4]. */
export function cornersOf(boxes: Float32Array, index: number): Corners {
  const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(4 * index, 4 * index + 4);
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/** Boxes within this share of the best overlap may stand for the picture. */
const CLOSE = 0.8;

/**
 * Which boxes [patches, 4] may show what a whole query picture shows: those that cover it about as well as the best, by
 * intersection over union with the picture, or by the generalised one where no box touches it. At least one.
 */
export function boxesLikePicture(boxes: Float32Array): number[] {
  const all = Array.from({ length: boxes.length / 4 }, (_, index) => cornersOf(boxes, index));
  let overlaps = all.map((box) => overlapWithPicture(box).overlap);
  if (overlaps.every((overlap) => overlap === 0)) overlaps = all.map((box) => overlapWithPicture(box).generalised);
  const best = overlaps.reduce((most, overlap) => Math.max(most, overlap), Number.NEGATIVE_INFINITY);
  // Of generalised overlaps below 0 none reaches the share; the best one is taken then.
  const least = Math.min(best, CLOSE * best);
  return overlaps.flatMap((overlap, index) => (overlap >= least ? [index] : []));
}

function overlapWithPicture([left, top, right, bottom]: Corners): { overlap: number; generalised: number } {
  const shared = span(Math.max(left, 0), Math.min(right, 1)) * span(Math.max(top, 0), Math.min(bottom, 1));
  const union = 1 + (right - left) * (bottom - top) - shared;
  const around = (Math.max(right, 1) - Math.min(left, 0)) * (Math.max(bottom, 1) - Math.min(top, 0));
  const overlap = shared / union;
  return { overlap, generalised: overlap - (around - union) / around };
}

function span(from: number, to: number): number {
  return Math.max(0, to - from);
}

/** Of `candidates`, the row of [candidates, dim] that is least like `mean`; the first of equal ones. */
export function leastLike(rows: Float32Array, mean: Float32Array): number {
  const dim = mean.length;
  let [chosen, least] = [0, Number.POSITIVE_INFINITY];
  for (let row = 0; row < rows.length / dim; row += 1) {
    const similarity = mean.reduce((sum, value, index) => sum + value * rows[row * dim + index]!, 0);
    if (similarity < least) [chosen, least] = [row, similarity];
  }
  return chosen;
}

/**
 * Every patch of one picture whose best query has more than `threshold`: logits [patches, queries], boxes [patches, 4] as
 * shares. `scale` brings shares of width and height to pixels.
 */
export function detections(
  logits: Float32Array,
  boxes: Float32Array,
  { threshold, scale }: { readonly threshold: number; readonly scale: readonly [number, number] },
): Detection[] {
  const patches = boxes.length / 4;
  const queries = logits.length / patches;
  const found: Detection[] = [];
  for (let patch = 0; patch < patches; patch += 1) {
    let best = 0;
    for (let query = 1; query < queries; query += 1) {
      if (logits[patch * queries + query]! > logits[patch * queries + best]!) best = query;
    }
    const score = sigmoid(logits[patch * queries + best]!);
    if (score <= threshold) continue;
    const [left, top, right, bottom] = cornersOf(boxes, patch);
    found.push({
      corners: [left * scale[0], top * scale[1], right * scale[0], bottom * scale[1]],
      ...{ score, query: best },
    });
  }
  return found;
}

/** How far below the best score a match of a picture may be: at a tenth it is not shown any more. */
const FAINT = 0.1;

/**
 * Scores of matches with one query picture in relation to the best of them, as transformers shows them: 1 for the best, 0
 * at a tenth of its score.
 */
export function relativeScores(scores: readonly number[]): number[] {
  const best = scores.reduce((most, score) => Math.max(most, score), 0) + 1e-6;
  return scores.map((score) => Math.min(1, Math.max(0, (score - FAINT * best) / ((1 - FAINT) * best))));
}
