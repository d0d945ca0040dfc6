import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { llama } from '../../../src/models/families/llama.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-llama-'));
});
afterAll(() => rm(folder, { recursive: true }));

const IDS = [31, 4, 50, 9, 9, 17];
const load = (place: string, architecture?: string) =>
  fromCheckpoint(place, { model: 'test/llama' }, (checkpoint) =>
    LanguageModel.build(llama(checkpoint, 'all', architecture)),
  );
const logits = async (place: string) => (await (await load(place)).read({ ids: IDS })).head!.toFloats();

describe('Llama against transformers', () => {
  it.each(['llama_lm', 'llama_scaled', 'llama_linear', 'llama_yarn'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(9);
    }
  });
});

describe('Llama', () => {
  it('reads names without prefix, ignores old buffers', async () => {
    const place = await alterCheckpoint('llama_scaled', join(folder, 'bare'), {
      rename: (name) => name.replace('model.', ''),
      add: { 'layers.0.self_attn.rotary_emb.inv_freq': f32([1], [0]) },
    });
    expect(await logits(place)).toEqual(await logits(join(FIXTURES, 'llama_scaled')));
  });

  it('has no head as LlamaModel', async () => {
    const bare = await load(join(FIXTURES, 'llama_lm'), 'LlamaModel');
    expect((await bare.read({ ids: IDS })).head).toBeUndefined();
  });

  it('needs a head of its own where it is not tied', async () => {
    const place = await alterCheckpoint('llama_lm', join(folder, 'headless'), {
      rename: (name) => (name === 'lm_head.weight' ? undefined : name),
    });
    await expect(load(place)).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"lm_head.weight" is missing'),
    });
  });

  it('refuses key heads that do not divide the heads', async () => {
    const place = await alterCheckpoint('llama_lm', join(folder, 'uneven'), { config: { num_key_value_heads: 3 } });
    await expect(load(place)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('num_key_value_heads'),
    });
  });
});
