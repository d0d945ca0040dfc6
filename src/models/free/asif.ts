/**
 * ASIF: pictures and texts meet in how they resemble the anchors, pairs of a picture and its caption that each have
 * their place in both unimodal spaces. Nothing is trained. Must not know where anchors come from or are kept.
 * Source: Norelli et al., ASIF: Coupled Data Turns Unimodal Models to Multimodal Without Training (2023), section 2.
 */
import { type NearestRows, type StoredRows, storedTopK } from '../../native/choices.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { type SparseRows, sharpenRows, sparseDots } from '../../native/sparse.ts';
import { Tensor } from '../../native/tensor.ts';

export interface AsifSettings {
  /** Anchors that a picture or text is described by: the most similar ones, by signed cosine. */
  readonly k: number;
  /** Their similarities are raised to it, so that the nearest anchors say most. */
  readonly p: number;
}

/** The authors' choice for 1.6 million anchors. */
export const USUAL_SETTINGS: AsifSettings = { k: 800, p: 8 };

/** Of fewer than k anchors all are taken: k = min(k, anchors). p stays. */
export function clampSettings({ k, p }: AsifSettings, anchors: number): AsifSettings {
  return { k: Math.min(k, anchors), p };
}

/** Where the anchors of one side are, F16 or F32 [anchors, width] in pieces. */
export type AnchorRows = readonly StoredRows[];

/** Vectors by their anchors: similarities as they are, and sharpened. */
export interface RelativeRows extends SparseRows {
  /** Cosines [rows, best], best first. */
  readonly similarities: Float32Array;
}

/** What is found for so many queries at once is merged in memory: k numbers for each piece of the anchors. */
const QUERIES_AT_ONCE = 256;

/**
 * Relative representations of vectors [rows, width]: their k most similar anchors, the similarities to the power p, each
 * row at length 1. Rejects with `native/bad-argument`, `native/not-finite`, `run/cancelled`.
 */
export async function relativeRows(
  vectors: { readonly data: Float32Array; readonly width: number },
  anchors: AnchorRows,
  { k, p }: AsifSettings,
  options: OperatorOptions = {},
): Promise<RelativeRows> {
  const rows = vectors.data.length / vectors.width;
  const [similarities, places] = [new Float32Array(rows * k), new Int32Array(rows * k)];
  for (let first = 0; first < rows; first += QUERIES_AT_ONCE) {
    const count = Math.min(QUERIES_AT_ONCE, rows - first);
    const found = await nearest(vectors, first, count, anchors, k, options);
    similarities.set(found.scores, first * k);
    places.set(found.places, first * k);
  }
  const values = await sharpenRows(similarities, [rows, k], p, options);
  return { rows, best: k, places, similarities, values };
}

async function nearest(
  { data, width }: { readonly data: Float32Array; readonly width: number },
  first: number,
  count: number,
  anchors: AnchorRows,
  k: number,
  options: OperatorOptions,
): Promise<NearestRows> {
  using queries = Tensor.from(data.subarray(first * width, (first + count) * width), [count, width]);
  return await storedTopK(queries, anchors, k, options);
}

/** Scores [left.rows, right.rows]: the cosine of every two relative representations over the same `anchors`. */
export function relativeCosines(
  left: SparseRows,
  right: SparseRows,
  anchors: number,
  options: OperatorOptions = {},
): Promise<Float32Array> {
  return sparseDots(left, right, anchors, options);
}
