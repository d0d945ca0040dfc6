import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { usePackedCache } from '../../../src/models/weights/packed-cache.ts';
import { WeightFiles } from '../../../src/models/weights/weight-files.ts';
import { WeightReader } from '../../../src/models/weights/weight-reader.ts';
import { storePacked } from '../../../src/native/packed-weights.ts';
import { Stack } from '../../../src/native/stack.ts';
import { f32, storeTensors } from '../../native/safetensors-bytes.ts';

const base = mkdtempSync(join(tmpdir(), 'weft-packed-cache-'));
afterAll(() => {
  usePackedCache({ cacheFolder: base, mostBytes: 0 });
  rmSync(base, { recursive: true, force: true });
});

/** Builds a stack of one feed-forward from a folder whose weights are `value` everywhere. */
async function build(value: number): Promise<void> {
  const folder = mkdtempSync(join(base, 'model-'));
  const numbers = new Array(64).fill(value);
  writeFileSync(
    join(folder, 'model.safetensors'),
    storeTensors({ up: f32([8, 8], numbers), down: f32([8, 8], numbers) }),
  );
  const weights = await WeightFiles.open(folder, { model: 'tiny' });
  const reader = new WeightReader(weights);
  const linear = (name: string) => ({ weight: reader.take(name, [8, 8]) });
  const feedForward = { up: linear('up'), down: linear('down'), activation: 'relu' as const };
  reader.finish();
  const stack = await Stack.build({ name: 'tiny', width: 8, layers: [[{ feedForward }]] });
  weights.close();
  await storePacked();
  stack.release();
}

it('keeps packed weights by content, wherever the file lies, in the folder that was chosen last', async () => {
  const [first, second] = [join(base, 'first'), join(base, 'second')];
  const kept = (folder: string) => readdirSync(join(folder, 'packed'));
  usePackedCache({ cacheFolder: first });
  await build(1);
  await build(1);
  expect(kept(first)).toHaveLength(2);
  await build(2);
  expect(kept(first)).toHaveLength(4);
  usePackedCache({ cacheFolder: second });
  await build(3);
  expect([kept(first).length, kept(second).length]).toEqual([4, 2]);
  usePackedCache({ cacheFolder: second, mostBytes: 0 });
  await build(4);
  expect(kept(second)).toHaveLength(2);
});

it('leaves files that cannot be opened to the error that tells so', async () => {
  usePackedCache({ cacheFolder: join(base, 'third') });
  const folder = mkdtempSync(join(base, 'model-'));
  writeFileSync(join(folder, 'model.safetensors'), 'text');
  await expect(WeightFiles.open(folder, { model: 'tiny' })).rejects.toMatchObject({ code: 'model/bad-weights' });
});
