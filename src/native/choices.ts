/**
 * Operators of the addon that choose: the nearest rows of a matrix, the boxes that stay, the next tokens.
 * All reject with `native/bad-argument`, `native/not-finite`, `native/released`, `native/out-of-memory`,
 * `run/cancelled`.
 */
import { expectNumber, expectTensor, expectWhole, refuse } from './argument.ts';
import { nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import type { OperatorOptions } from './rows.ts';
import type { Tensor } from './tensor.ts';
import type { NativeWeightFile, StoredTensor } from './weights.ts';

/** [queries, count] each, best first; `places` are rows of the matrix. */
export interface NearestRows {
  readonly scores: Float32Array;
  readonly places: Int32Array;
}

/**
 * For each query [queries, width] the `count` rows of the matrix [rows, width] with the highest cosine, exactly; of
 * equal scores the earlier row.
 */
export async function cosineTopK(
  queries: Tensor,
  matrix: Tensor,
  count: number,
  { signal }: OperatorOptions = {},
): Promise<NearestRows> {
  const operator = 'cosineTopK';
  expectTensor(operator, 'matrix', matrix, ['rows', 'width']);
  const [rows = 0, width = 0] = matrix.shape;
  expectTensor(operator, 'queries', queries, ['queries', width]);
  if (width === 0) refuse(operator, 'matrix', 'rows with numbers', `[${matrix.shape.join(', ')}]`);
  expectWhole(operator, 'count', count, 0, rows);
  return await runNative(operator, () => nativeAddon().cosineTopK(queries.handle, matrix.handle, count), signal);
}

/** A tensor F16 or F32 [rows, width] of an open file, and its rows' lengths F32 [rows] where the file has them. */
export interface StoredRows {
  readonly file: NativeWeightFile;
  readonly name: string;
  readonly norms?: string;
}

/**
 * The same for rows that stay in their files, which are read as they are searched: what is in memory at once does not
 * grow with them. Places count through all parts, in order. Rejects with `native/failed` when a file was written to
 * since it was opened.
 */
export async function storedTopK(
  queries: Tensor,
  parts: readonly StoredRows[],
  count: number,
  { signal }: OperatorOptions = {},
): Promise<NearestRows> {
  const operator = 'storedTopK';
  expectTensor(operator, 'queries', queries, ['queries', 'width']);
  const [, width = 0] = queries.shape;
  let rows = 0;
  for (const { file, name, norms } of parts) {
    const [held, numbers] = expectStored(operator, file, name, ['F16', 'F32'], 2).shape;
    if (numbers !== width || width === 0) refuse(operator, name, `rows of ${width} numbers, at least 1`, numbers);
    if (norms !== undefined) {
      const [lengths] = expectStored(operator, file, norms, ['F32'], 1).shape;
      if (lengths !== held) refuse(operator, norms, `${held} numbers`, lengths);
    }
    rows += held!;
  }
  expectWhole(operator, 'count', count, 0, Math.min(rows, 2 ** 31 - 1));
  const given = parts.map(({ file, name, norms }) => ({
    rows: { file, name },
    ...(norms === undefined ? {} : { norms: { file, name: norms } }),
  }));
  return await runNative(operator, () => nativeAddon().storedTopK(queries.handle, given, count), signal);
}

function expectStored(
  operator: string,
  file: NativeWeightFile,
  name: string,
  dtypes: readonly string[],
  axes: number,
): StoredTensor {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) return refuse(operator, 'parts', `a tensor "${name}" in ${file.path}`, 'none');
  const { dtype, shape } = tensor;
  if (!dtypes.includes(dtype) || shape.length !== axes) {
    refuse(operator, name, `${dtypes.join(' or ')} with ${axes} axes`, `${dtype} [${shape.join(', ')}]`);
  }
  return tensor;
}

export interface NmsOptions extends OperatorOptions {
  /** Only boxes of one class compete; all do when left out. */
  readonly classes?: Int32Array;
  /** A box goes when it overlaps a better one by more than this (intersection over union). */
  readonly overlap: number;
  /** Boxes with lower scores are left out. */
  readonly leastScore?: number;
  readonly most?: number;
}

/**
 * Non-maximum suppression of boxes (left, top, right, bottom, one after the other): the numbers of those that stay,
 * best first, of equal scores the earlier one first. The arrays must not change until the promise settles.
 */
export async function nms(boxes: Float32Array, scores: Float32Array, options: NmsOptions): Promise<Int32Array> {
  const operator = 'nms';
  const { classes, overlap, leastScore = Number.NEGATIVE_INFINITY, most, signal } = options;
  if (!(scores instanceof Float32Array)) refuse(operator, 'scores', 'a Float32Array', typeof scores);
  if (!(boxes instanceof Float32Array) || boxes.length !== 4 * scores.length) {
    refuse(operator, 'boxes', `a Float32Array of ${4 * scores.length} numbers`, boxes?.length);
  }
  if (classes !== undefined && (!(classes instanceof Int32Array) || classes.length !== scores.length)) {
    refuse(operator, 'classes', `an Int32Array of ${scores.length} numbers`, classes?.length);
  }
  expectNumber(operator, 'overlap', overlap, 0, 1);
  if (typeof leastScore !== 'number' || Number.isNaN(leastScore))
    refuse(operator, 'leastScore', 'a number', leastScore);
  const request = {
    boxes,
    scores,
    overlap,
    leastScore,
    ...(classes === undefined ? {} : { classes }),
    ...(most === undefined ? {} : { most: expectWhole(operator, 'most', most, 0, Number.MAX_SAFE_INTEGER) }),
  };
  return await runNative(operator, () => nativeAddon().suppressBoxes(request), signal);
}

/** Hugging Face's filters in its order: repetition penalty, temperature, top-k, top-p. */
export interface SampleOptions extends OperatorOptions {
  /** 1 when left out; 0 takes the most probable token. */
  readonly temperature?: number;
  /** Keeps the k most probable tokens and those that tie with the k-th; all when left out. */
  readonly topK?: number;
  /** Keeps the most probable tokens that together reach it, after top-k; all when left out. */
  readonly topP?: number;
  /** 1 when left out: changes nothing. */
  readonly repetitionPenalty?: number;
  /** Tokens so far, one list per row: what `repetitionPenalty` is about. */
  readonly histories?: readonly (readonly number[] | Int32Array)[];
  /** The same seed and draw give the same tokens from the same logits, on every machine. */
  readonly seed: number;
  /** How many tokens this seed has drawn before: 0, 1, 2 and so on in one generation. */
  readonly draw?: number;
}

/** One token for each row of logits [rows, vocabulary]. */
export async function sample(logits: Tensor, options: SampleOptions): Promise<Int32Array> {
  const operator = 'sample';
  const { temperature = 1, topK = 0, topP = 1, repetitionPenalty = 1, histories, seed, draw = 0, signal } = options;
  expectTensor(operator, 'logits', logits, ['rows', 'vocabulary']);
  const [rows = 0, vocabulary = 0] = logits.shape;
  expectWhole(operator, 'vocabulary', vocabulary, 1, 2 ** 31 - 1);
  if (histories !== undefined && histories.length !== rows) {
    refuse(operator, 'histories', `${rows} lists, one per row`, histories.length);
  }
  const request = {
    temperature: expectNumber(operator, 'temperature', temperature, 0, Number.MAX_VALUE),
    topK: expectWhole(operator, 'topK', topK, 0, Number.MAX_SAFE_INTEGER),
    topP: expectNumber(operator, 'topP', topP, 0, 1),
    repetitionPenalty: expectNumber(operator, 'repetitionPenalty', repetitionPenalty, Number.MIN_VALUE, 1e30),
    seed: expectWhole(operator, 'seed', seed, 0, Number.MAX_SAFE_INTEGER),
    draw: expectWhole(operator, 'draw', draw, 0, Number.MAX_SAFE_INTEGER),
    ...(histories === undefined ? {} : { histories: histories.map((tokens) => checkHistory(tokens, vocabulary)) }),
  };
  return await runNative(operator, () => nativeAddon().sampleTokens(logits.handle, request), signal);
}

function checkHistory(tokens: readonly number[] | Int32Array, vocabulary: number): Int32Array {
  for (const token of tokens) expectWhole('sample', 'histories', token, 0, vocabulary - 1);
  return Int32Array.from(tokens);
}
