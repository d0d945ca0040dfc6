/** Cosine search, non-maximum suppression and sampling against plain JavaScript and Hugging Face's numbers. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { floatToHalf, halfToFloat } from '../../src/models/half-float.ts';
import { writeTensors } from '../../src/models/weights/write-tensors.ts';
import { cosineTopK, nms, sample, storedTopK } from '../../src/native/choices.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { suppress } from '../../src/nodes/suppression.ts';
import { dot, normalise } from '../../src/nodes/vectors.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(6);

describe('cosineTopK', () => {
  it.each([
    [1, 10, 4, 3],
    [3, 2000, 33, 10],
    [20, 700, 128, 700],
  ])('%i queries among %i rows of %i numbers, the best %i', async (queries, rows, width, count) => {
    const [asked, stored] = [random(queries * width), random(rows * width)];
    using query = Tensor.from(asked, [queries, width]);
    using matrix = Tensor.from(stored, [rows, width]);
    const { scores, places } = await cosineTopK(query, matrix, count);
    const units = Array.from({ length: rows }, (_, row) => normalise(stored.subarray(row * width, (row + 1) * width)));
    for (let index = 0; index < queries; index += 1) {
      const unit = normalise(asked.subarray(index * width, (index + 1) * width));
      const all = units.map((row) => dot(unit, row));
      const best = [...all].sort((a, b) => b - a);
      const found = places.subarray(index * count, (index + 1) * count);
      expect(new Set(found).size).toBe(count);
      for (let rank = 0; rank < count; rank += 1) {
        expect(scores[index * count + rank]).toBeCloseTo(best[rank]!, 5);
        expect(all[found[rank]!]).toBeCloseTo(best[rank]!, 5);
      }
    }
  });

  it('refuses other widths, too many results and NaN', async () => {
    using query = Tensor.from(Float32Array.of(1, Number.NaN), [1, 2]);
    using narrow = Tensor.from(random(1), [1, 1]);
    using matrix = Tensor.from(random(6), [3, 2]);
    await expect(cosineTopK(narrow, matrix, 1)).rejects.toMatchObject({ code: 'native/bad-argument' });
    await expect(cosineTopK(query, matrix, 4)).rejects.toMatchObject({ code: 'native/bad-argument' });
    await expect(cosineTopK(query, matrix, 1)).rejects.toMatchObject({ code: 'native/not-finite' });
    const signal = AbortSignal.abort();
    await expect(cosineTopK(query, matrix, 1, { signal })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('storedTopK', () => {
  const stored = random(30 * 5);
  /** Parts of 18 and 12 rows, as float32 and as binary16. */
  async function openParts(dtype: 'F32' | 'F16') {
    const path = join(temporaryFolder(), 'rows.safetensors');
    const data = dtype === 'F32' ? stored : Uint16Array.from(stored, floatToHalf);
    const rounded = dtype === 'F32' ? stored : Float32Array.from(data, halfToFloat);
    const norms = Float32Array.from({ length: 30 }, (_, row) => Math.hypot(...rounded.subarray(5 * row, 5 * row + 5)));
    await writeTensors(path, [
      { name: 'first', dtype, shape: [18, 5], data: data.subarray(0, 90) },
      { name: 'second', dtype, shape: [12, 5], data: data.subarray(90) },
      { name: 'lengths', dtype: 'F32', shape: [12], data: norms.subarray(18) },
    ]);
    const file = await NativeWeightFile.open(path);
    onTestFinished(() => file.close());
    return {
      path,
      file,
      rounded,
      parts: [
        { file, name: 'first' },
        { file, name: 'second', norms: 'lengths' },
      ],
    };
  }

  it.each(['F32', 'F16'] as const)('finds in files of %s what is found in memory, through all parts', async (dtype) => {
    const { rounded, parts } = await openParts(dtype);
    using query = Tensor.from(random(3 * 5), [3, 5]);
    using matrix = Tensor.from(rounded, [30, 5]);
    const inMemory = await cosineTopK(query, matrix, 9);
    const inFiles = await storedTopK(query, parts, 9);
    expect([...inFiles.places]).toEqual([...inMemory.places]);
    for (const [i, score] of inFiles.scores.entries()) expect(score).toBeCloseTo(inMemory.scores[i]!, 6);
  });

  it('refuses other tensors, and a file that was written to', async () => {
    const { path, file, parts } = await openParts('F16');
    using query = Tensor.from(random(5), [1, 5]);
    using wide = Tensor.from(random(6), [1, 6]);
    const bad = { code: 'native/bad-argument' };
    await expect(storedTopK(query, [{ file, name: 'third' }], 1)).rejects.toMatchObject(bad);
    await expect(storedTopK(query, [{ file, name: 'lengths' }], 1)).rejects.toMatchObject(bad);
    await expect(storedTopK(query, [{ file, name: 'first', norms: 'lengths' }], 1)).rejects.toMatchObject(bad);
    await expect(storedTopK(query, parts, 31)).rejects.toMatchObject(bad);
    await expect(storedTopK(wide, parts, 1)).rejects.toMatchObject(bad);
    await appendFile(path, 'more');
    await expect(storedTopK(query, parts, 1)).rejects.toThrow('written to after it was opened');
  });
});

describe('nms', () => {
  it.each([1, 30, 400])('agrees with the plain one on %i boxes', async (count) => {
    const sides = random(4 * count, 20);
    const scores = random(count).map((score) => Math.round(score * 20) / 20);
    const classes = Int32Array.from({ length: count }, (_, index) => index % 3);
    const boxes = new Float32Array(4 * count);
    const candidates = Array.from({ length: count }, (_, index) => {
      const [x, y] = [Math.round(sides[4 * index]!), Math.round(sides[4 * index + 1]!)];
      const [width, height] = [2, 3].map((side) => Math.abs(Math.round(sides[4 * index + side]!)));
      boxes.set([x, y, x + width!, y + height!], 4 * index);
      return { x, y, width: width!, height: height!, score: scores[index]!, group: classes[index]!, index };
    });
    for (const perGroup of [false, true]) {
      const expected = suppress(candidates, { overlap: 0.3, perGroup, limit: 25 });
      const ours = await nms(boxes, scores, { overlap: 0.3, most: 25, ...(perGroup ? { classes } : {}) });
      expect([...ours]).toEqual(expected.map(({ index }) => index));
    }
  });

  it('leaves out low scores and refuses arrays that do not belong together', async () => {
    const boxes = Float32Array.of(0, 0, 1, 1, 5, 5, 6, 6);
    const scores = Float32Array.of(0.2, 0.9);
    expect([...(await nms(boxes, scores, { overlap: 0.5, leastScore: 0.5 }))]).toEqual([1]);
    expect(await nms(new Float32Array(0), new Float32Array(0), { overlap: 0.5 })).toHaveLength(0);
    const refused = { code: 'native/bad-argument' };
    await expect(nms(boxes, Float32Array.of(1), { overlap: 0.5 })).rejects.toMatchObject(refused);
    await expect(nms(boxes, scores, { overlap: 2 })).rejects.toMatchObject(refused);
    await expect(nms(boxes, scores, { overlap: 0.5, classes: Int32Array.of(1) })).rejects.toMatchObject(refused);
    const nan = Float32Array.of(Number.NaN, 1);
    await expect(nms(boxes, nan, { overlap: 0.5 })).rejects.toMatchObject({ code: 'native/not-finite' });
  });
});

describe('sample', () => {
  const LOGITS = [2, 1, 1, 0.5, -1, 3, 1, -0.5];
  const rows = (count: number) =>
    Tensor.from(
      Float32Array.from({ length: 8 * count }, (_, i) => LOGITS[i % 8]!),
      [count, 8],
    );

  it('draws what the filters leave, as often as it is probable', async () => {
    using logits = rows(20_000);
    const histories = Array.from({ length: 20_000 }, () => [5, 4, 5, 0]);
    // What transformers leaves after RepetitionPenalty(1.3), Temperature(0.7), TopK(3): tokens 1, 2 and 6 tie.
    const expected = new Map([
      [0, 0.18549524],
      [1, 0.0859528],
      [2, 0.0859528],
      [5, 0.55664641],
      [6, 0.0859528],
    ]);
    const options = { temperature: 0.7, topK: 3, repetitionPenalty: 1.3, histories, seed: 11 };
    const tokens = await sample(logits, options);
    const counts = new Map<number, number>();
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([...expected.keys()]);
    for (const [token, probability] of expected) expect(counts.get(token)! / 20_000).toBeCloseTo(probability, 1);
    const nucleus = await sample(logits, { ...options, topP: 0.6 });
    expect(new Set(nucleus)).toEqual(new Set([0, 5]));
  });

  it('gives the same tokens for the same seed and draw, others for others', async () => {
    using logits = rows(64);
    const first = await sample(logits, { seed: 1 });
    expect(await sample(logits, { seed: 1 })).toEqual(first);
    expect(await sample(logits, { seed: 2 })).not.toEqual(first);
    expect(await sample(logits, { seed: 1, draw: 1 })).not.toEqual(first);
  });

  it('takes the most probable token at temperature 0', async () => {
    using logits = rows(2);
    expect([...(await sample(logits, { temperature: 0, seed: 0 }))]).toEqual([5, 5]);
    const histories = [[], [5]];
    const tokens = await sample(logits, { temperature: 0, repetitionPenalty: 2, histories, seed: 0 });
    expect([...tokens]).toEqual([5, 0]);
  });

  it('refuses options out of range and logits that are not finite', async () => {
    using logits = rows(1);
    const refused = { code: 'native/bad-argument' };
    for (const options of [{ temperature: -1 }, { topP: 1.1 }, { topK: 0.5 }, { repetitionPenalty: 0 }, { draw: -1 }]) {
      await expect(sample(logits, { seed: 0, ...options })).rejects.toMatchObject(refused);
    }
    await expect(sample(logits, { seed: 0, histories: [[8]] })).rejects.toMatchObject(refused);
    await expect(sample(logits, { seed: 0, histories: [] })).rejects.toMatchObject(refused);
    using nan = Tensor.from(Float32Array.of(1, Number.NaN), [1, 2]);
    await expect(sample(nan, { seed: 0 })).rejects.toMatchObject({ code: 'native/not-finite' });
  });
});
