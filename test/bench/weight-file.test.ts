import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWeights } from '../../bench/models/weight-file.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-weights-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeWeights', () => {
  it('writes what our own reader reads back', async () => {
    const path = join(folder, 'weights.safetensors');
    const weights = new Map([
      ['a', { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }],
      ['b.bias', { data: Float32Array.of(-1), shape: [1] }],
    ]);
    await writeWeights(path, weights);
    const file = await NativeWeightFile.open(path);
    expect([...file.tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['a', 'F32', [2, 3]],
      ['b.bias', 'F32', [1]],
    ]);
    expect(await file.read('a')).toEqual(weights.get('a')!.data);
    file.close();
  });
});
