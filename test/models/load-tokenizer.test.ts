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

test('without tokenizer.json, from the older files by the class of the tokenizer', async () => {
  await rm(join(folder, 'tokenizer.json'));
  await writeFile(join(folder, 'vocab.txt'), '[PAD]\n[UNK]\n[CLS]\n[SEP]\nred\n##s\n');
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    '{ "tokenizer_class": "BertTokenizer", "do_lower_case": true }',
  );
  expect((await loadTokenizer(folder, 'test/tiny')).encode('Red reds').ids).toEqual([2, 4, 4, 5, 3]);
  await rm(join(folder, 'vocab.txt'));
  await writeFile(join(folder, 'vocab.json'), '{ "<|endoftext|>": 0, "a": 1, "b": 2, "ab": 3 }');
  await writeFile(join(folder, 'merges.txt'), '#version: 0.2\na b\n');
  await writeFile(join(folder, 'tokenizer_config.json'), '{ "tokenizer_class": "GPT2Tokenizer" }');
  await writeFile(join(folder, 'special_tokens_map.json'), '{ "pad_token": "<|endoftext|>" }');
  const tokenizer = await loadTokenizer(folder, 'test/tiny');
  expect(tokenizer.encode('aba').ids).toEqual([3, 1]);
  expect(tokenizer.padId).toBe(0);
});

test('older files of a class that is not known are refused, whatever config.json says', async () => {
  await writeFile(join(folder, 'tokenizer_config.json'), '{ "tokenizer_class": "LlamaTokenizer" }');
  await expect(loadTokenizer(folder, 'test/tiny')).rejects.toMatchObject({
    code: 'model/unsupported',
    details: { received: '"LlamaTokenizer"' },
  });
});

test('without any that can be read, the files that are there are told', async () => {
  await rm(join(folder, 'merges.txt'));
  await expect(loadTokenizer(folder, 'test/tiny')).rejects.toMatchObject({
    code: 'model/missing-file',
    remedy: expect.stringContaining('vocab.json'),
  });
});

test('with a broken tokenizer.json', async () => {
  await writeFile(join(folder, 'tokenizer.json'), '{"model": ');
  await expect(loadTokenizer(folder, 'test/tiny')).rejects.toMatchObject({
    code: 'model/bad-config',
    details: { file: 'tokenizer.json' },
  });
});
