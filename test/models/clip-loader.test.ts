import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClipLoader } from '../../src/models/clip-loader.ts';
import type { ModelInfo } from '../../src/protocol/model-info.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'models', 'zoo', 'clip-shapes');

function makeLoader(info: Partial<ModelInfo> = {}) {
  const state = { hash: 'one' };
  const store = {
    info: async (ref: string): Promise<ModelInfo> => {
      return { ref, family: 'clip', source: 'zoo', space: 'clip#1', bytes: 1, hash: state.hash, ...info };
    },
    folder: async () => FOLDER,
  };
  return { state, load: createClipLoader(store, { session: () => Promise.reject(new Error('not asked')) }) };
}

test('loads a model once for the same settings, and again for others or when its files changed', async () => {
  const { state, load } = makeLoader();
  const [first, same] = await Promise.all([load('zoo/a'), load('zoo/a', { backend: 'auto', precision: 'fp32' })]);
  expect(same).toBe(first);
  const small = await load('zoo/a', { precision: 'int8' });
  expect(small).not.toBe(first);
  expect(small.space).toBe(first.space);
  expect(await load('zoo/a', { precision: 'int8' })).toBe(small);
  state.hash = 'two';
  expect(await load('zoo/a')).not.toBe(first);
});

test('lets go of the one unused longest', async () => {
  const { load } = makeLoader();
  const first = await load('zoo/0');
  const second = await load('zoo/1');
  for (let index = 2; index < 8; index += 1) await load(`zoo/${index}`);
  expect(await load('zoo/0')).toBe(first);
  await load('zoo/8');
  expect(await load('zoo/0')).toBe(first);
  expect(await load('zoo/1')).not.toBe(second);
});

test('tries again after a failure, and refuses other families', async () => {
  const { load } = makeLoader();
  await expect(load('zoo/a', { backend: 'onnx' })).rejects.toThrow('not asked');
  await expect(load('zoo/a', { backend: 'onnx' })).rejects.toThrow('not asked');
  expect((await load('zoo/a')).dim).toBe(256);
  const other = makeLoader({ family: 'onnx' });
  await expect(other.load('zoo/a')).rejects.toMatchObject({ code: 'model/unsupported' });
});
