import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OnnxNetworks } from '../../../src/models/onnx/networks.ts';
import { OnnxSession } from '../../../src/models/onnx/session.ts';
import type { OnnxDtype } from '../../../src/models/onnx/variant.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-variant-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function offer(...names: string[]) {
  await mkdir(join(folder, 'onnx'));
  await Promise.all(names.map((name) => writeFile(join(folder, 'onnx', `${name}.onnx`), '')));
}

const port = {
  metadata: () => ({ inputs: [], outputs: [] }),
  externalFiles: () => [],
  release: () => {},
  ask: () => Promise.reject(new Error('not asked')),
};
const pool = { session: async (_file: string, options: { model: string }) => new OnnxSession(options.model, port) };

/** Files of the two networks that were opened. */
async function choose(dtype: OnnxDtype): Promise<readonly string[]> {
  const networks = await OnnxNetworks.in(folder, { model: 'test/clip', dtype, pool });
  const opened = await networks.open('vision_model', 'text_model');
  return opened.map(({ name }) => name.replace('test/clip/', ''));
}

test('takes the form that is asked for, and by itself the fullest that both towers have', async () => {
  await offer('vision_model', 'vision_model_quantized', 'text_model_quantized', 'vision_model_q4', 'text_model_q4');
  expect(await choose('q4')).toEqual(['onnx/vision_model_q4.onnx', 'onnx/text_model_q4.onnx']);
  expect(await choose('auto')).toEqual(['onnx/vision_model_quantized.onnx', 'onnx/text_model_quantized.onnx']);
});

test('tells which file is missing and what is there', async () => {
  await offer('vision_model', 'text_model', 'vision_model_fp16');
  await expect(choose('fp16')).rejects.toMatchObject({
    code: 'model/missing-file',
    details: {
      file: 'onnx/text_model_fp16.onnx',
      hint: expect.stringContaining('onnx/text_model.onnx, onnx/vision_model.onnx, onnx/vision_model_fp16.onnx'),
    },
  });
});

test('tells where to get ONNX files when there are none', async () => {
  await expect(choose('auto')).rejects.toMatchObject({
    code: 'model/missing-file',
    details: { file: 'onnx/vision_model.onnx', hint: expect.stringContaining('Pull a repository') },
  });
});

test('takes files beside config.json where there is no onnx folder', async () => {
  await Promise.all(['vision_model', 'text_model'].map((name) => writeFile(join(folder, `${name}.onnx`), '')));
  expect(await choose('auto')).toEqual(['vision_model.onnx', 'text_model.onnx']);
});
