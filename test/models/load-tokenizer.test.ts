import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTokenizer } from '../../src/models/load-tokenizer.ts';
import { writeTinyClip } from './tiny-clip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('of a model folder', async () => {
  await writeTinyClip(folder);
  const tokenizer = await loadTokenizer(folder, 'test/tiny');
  expect(tokenizer.encode('red blue').ids).toEqual([0, 2, 3, 1]);
  expect(tokenizer.padId).toBe(1);
});

test('without tokenizer.json, the older files that are there are told', async () => {
  await rm(join(folder, 'tokenizer.json'));
  await writeFile(join(folder, 'vocab.json'), '{}');
  await writeFile(join(folder, 'merges.txt'), '');
  await expect(loadTokenizer(folder, 'test/tiny')).rejects.toMatchObject({
    code: 'model/missing-file',
    remedy: expect.stringContaining('vocab.json, merges.txt'),
  });
});

test('with a broken tokenizer.json', async () => {
  await writeFile(join(folder, 'tokenizer.json'), '{"model": ');
  await expect(loadTokenizer(folder, 'test/tiny')).rejects.toMatchObject({
    code: 'model/bad-config',
    details: { file: 'tokenizer.json' },
  });
});
