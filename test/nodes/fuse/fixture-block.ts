/** Blocks out of parity fixtures and of weights made here, as nodes load them, and values to compare. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createBlockLoader } from '../../../src/models/fusion/block-loader.ts';
import type { Services } from '../../../src/nodes/services.ts';
import type { FeaturesValue } from '../../../src/protocol/value.ts';
import { type Reference, readTensors } from '../../../tools/parity/case-tensors.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { FIXTURES } from '../../models/families/parity-fixture.ts';
import { f32, storeTensors } from '../../native/safetensors-bytes.ts';

export type Weights = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;

/** The service of blocks, whose every model lies in one folder. */
export function blocksIn(folder: string): Pick<Services, 'block'> {
  const info = { ref: 'test', family: 'test', source: 'folder', bytes: 1, hash: folder } as const;
  return { block: createBlockLoader({ info: async () => info, folder: async () => folder }) };
}

/** A fixture of test/fixtures/parity: its blocks, and what its case gives and expects. */
export async function fixture(name: string) {
  const folder = join(FIXTURES, name);
  const inputs = await readTensors(join(folder, 'inputs.safetensors'));
  const outputs = await readTensors(join(folder, 'outputs.safetensors'));
  const weights = await readTensors(join(folder, 'model.safetensors'));
  return { services: blocksIn(folder), inputs, outputs, weights };
}

/** A folder with these weights. */
export async function blocksOf(weights: Weights): Promise<Pick<Services, 'block'>> {
  const folder = join(temporaryFolder(), 'block');
  await mkdir(folder, { recursive: true });
  const tensors = Object.entries(weights).map(([name, { shape, data }]) => [name, f32(shape, [...data])] as const);
  await writeFile(join(folder, 'model.safetensors'), storeTensors(Object.fromEntries(tensors)));
  return blocksIn(folder);
}

/** Numbers between -1 and 1 that are the same for the same seed. */
export function drawn(seed: number, ...shape: number[]): { shape: number[]; data: Float32Array } {
  let state = seed;
  const count = shape.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return { shape, data };
}

export function features({ shape, data }: { shape: readonly number[]; data: Float32Array }): FeaturesValue {
  return { kind: 'Features', seq: shape[0]!, dim: shape[1]!, data };
}

/** Item `item` of a case's tensor, whose last two axes are rows. */
export function itemOf(reference: Reference | undefined, item: number): FeaturesValue {
  const [seq = 0, dim = 0] = reference!.shape.slice(-2);
  const data = (reference!.data as Float32Array).slice(item * seq * dim, (item + 1) * seq * dim);
  return { kind: 'Features', data, seq, dim };
}

/** Rows from `start` on, as plain numbers. */
export function expectClose(ours: FeaturesValue, expected: FeaturesValue, start = 0): void {
  expect([ours.seq, ours.dim]).toEqual([expected.seq, expected.dim]);
  const far = ours.data.findIndex((value, index) => {
    const right = expected.data[index]!;
    return index >= start * ours.dim && !(Math.abs(value - right) <= 1e-4 + 1e-4 * Math.abs(right));
  });
  expect(far < 0 ? 'close' : `${ours.data[far]} at ${far}, expected ${expected.data[far]}`).toBe('close');
}

/** x W^T + b for rows of numbers. */
export function linearRows(
  rows: readonly number[][],
  { shape, data }: Weights[string],
  bias?: Float32Array,
): number[][] {
  const [outputs = 0, inputs = 0] = shape;
  return rows.map((row) =>
    Array.from({ length: outputs }, (_, output) =>
      row.reduce((sum, value, input) => sum + value * data[output * inputs + input]!, bias?.[output] ?? 0),
    ),
  );
}

export function rowsOf({ data, seq, dim }: FeaturesValue): number[][] {
  return Array.from({ length: seq }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]);
}

export function featuresFrom(rows: readonly number[][]): FeaturesValue {
  return { kind: 'Features', data: Float32Array.from(rows.flat()), seq: rows.length, dim: rows[0]!.length };
}

/** (x - mean) / sqrt(variance + epsilon) * weight + bias. */
export function normRows(rows: readonly number[][], weight: Float32Array, bias: Float32Array, epsilon: number) {
  return rows.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value, index) => ((value - mean) / Math.sqrt(variance + epsilon)) * weight[index]! + bias[index]!);
  });
}

/** softmax(q k^T / sqrt(size)) v, head by head. */
export function attendRows(
  query: readonly number[][],
  key: readonly number[][],
  value: readonly number[][],
  heads: number,
) {
  const size = query[0]!.length / heads;
  return query.map((q) =>
    Array.from({ length: heads }, (_, head) => {
      const at = (row: readonly number[]) => row.slice(head * size, (head + 1) * size);
      const scores = key.map((k) => at(k).reduce((sum, one, i) => sum + one * at(q)[i]!, 0) / Math.sqrt(size));
      const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      return Array.from({ length: size }, (_, i) =>
        value.reduce((sum, v, row) => sum + (powers[row]! / total) * at(v)[i]!, 0),
      );
    }).flat(),
  );
}

export const addRows = (a: readonly number[][], b: readonly number[][]) =>
  a.map((row, index) => row.map((value, column) => value + b[index]![column]!));
