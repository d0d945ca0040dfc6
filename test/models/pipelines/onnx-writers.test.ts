import { afterAll, describe, expect, it } from 'vitest';
import type { DecodingSettings } from '../../../src/models/decoding/settings.ts';
import { OnnxPool } from '../../../src/models/onnx/pool.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { bothBackends, square } from './both-backends.ts';
import { toOnnxFolder } from './onnx-folder.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const pool = new OnnxPool({ workers: 1, maxSessions: 4, threads: 1 });
afterAll(() => pool.close());

/** Every id is a word, so that all that is written can be read. */
const words = (size: number) => {
  const special = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3 };
  return { ...special, ...Object.fromEntries(Array.from({ length: size - 4 }, (_, id) => [`w${id + 4}`, id + 4])) };
};
const WAYS: readonly [string, DecodingSettings][] = [
  ['greedily', {}],
  ['by beams', { beams: 3 }],
  ['by sampling', { strategy: 'sample', seed: 5, topK: 20 }],
  ['by sampled beams', { strategy: 'beam-sample', beams: 2, seed: 3 }],
];

describe.each(WAYS)('a decoder of ONNX files writes %s as the same weights do natively', (_, decoding) => {
  const goOn = (tasks: Required<Tasks>) =>
    tasks['text-generation']({ prompt: 'w10 w20 w30 w40', maxTokens: 12, decoding });

  it.each([
    ['one file with a switch', (name: string) => name === 'decoder_model_merged'],
    ['a file for the prompt and one for the rest', (name: string) => !name.includes('merged')],
  ])('GPT-2, %s', async (_, only) => {
    const one = { fixture: 'gpt2_lm', words: words(150), run: goOn };
    const [native, onnx] = await bothBackends(one, { pool, only });
    expect(onnx).toEqual(native);
    expect((native as { text: string }).text.split(' ').length).toBeGreaterThan(3);
  });

  it.each([
    ['keys and values of the picture in its past', 'ved_vit_trocr_untied'],
    ['none of them in its past', 'ved_swin_bert'],
  ])('a decoder behind an encoder, %s', async (_, fixture) => {
    const run = async (tasks: Required<Tasks>) => [
      await tasks['image-to-text']({ image: drawnImage(2), maxTokens: 8, decoding }),
      await tasks['image-to-text']({ image: drawnImage(7), maxTokens: 8, decoding }),
    ];
    const one = { fixture, words: words(60), processor: square('ViTImageProcessor', 24), run };
    const [native, onnx] = await bothBackends(one, { pool });
    expect(onnx).toEqual(native);
  });
});

describe('a decoder of ONNX files', () => {
  it('writes in float16, whose past stays so', async () => {
    const run = (tasks: Required<Tasks>) =>
      tasks['text-generation']({ prompt: 'w10 w20', maxTokens: 6, decoding: { beams: 2 } });
    const one = { fixture: 'gpt2_lm', words: words(150), run };
    const [native, onnx] = await bothBackends(one, { pool, dtype: 'fp16' });
    expect(onnx).toEqual(native);
  });

  it('refuses a prompt that leaves no room, stops when asked, and goes on afterwards', async () => {
    const folder = await taskFolder('gpt2_lm', { words: words(150) });
    const { loaded } = await openFamily(await toOnnxFolder(folder), { model: 'test/gpt2', pool });
    const write = loaded.tasks['text-generation']!;
    await expect(write({ prompt: 'w9 '.repeat(60) })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(write({ prompt: 'w9' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
    expect((await write({ prompt: 'w9', maxTokens: 2 })).text).not.toBe('');
  });

  it('is named where it is missing', async () => {
    const folder = await taskFolder('gpt2_lm', { words: words(150) });
    const half = await toOnnxFolder(folder, (name) => name === 'decoder_model');
    await expect(openFamily(half, { model: 'test/gpt2', pool })).rejects.toMatchObject({
      code: 'model/missing-file',
      details: { file: 'onnx/decoder_model_merged.onnx', hint: expect.stringContaining('onnx/decoder_model.onnx') },
    });
  });
});
