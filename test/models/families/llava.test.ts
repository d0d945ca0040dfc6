import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { llava } from '../../../src/models/families/llava.ts';
import { LlavaModel } from '../../../src/models/families/llava-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
let config: Record<'text_config' | 'vision_config', Record<string, unknown>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-llava-'));
  config = JSON.parse(await readFile(join(FIXTURES, 'llava', 'config.json'), 'utf8'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/llava' }, (checkpoint) => LlavaModel.build(llava(checkpoint, 'last')));
const altered = (name: string, options: Parameters<typeof alterCheckpoint>[2]) =>
  alterCheckpoint('llava', join(folder, name), options);
const picture = {
  shape: [1, 3, 16, 16],
  data: Float32Array.from({ length: 768 }, (_, index) => Math.sin(index)),
};

describe('LLaVA against transformers', () => {
  it.each(['llava', 'llava_options'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(3);
    }
  });
});

describe('LLaVA', () => {
  it('reads the names of transformers 5, and those of 4 below the tower', async () => {
    const expected = (await (await load(join(FIXTURES, 'llava'))).see(picture)).toFloats();
    const rename5 = (name: string) =>
      name === 'language_model.lm_head.weight'
        ? 'lm_head.weight'
        : `model.${name.replace('language_model.model.', 'language_model.')}`;
    const rename4 = (name: string) => name.replace('vision_tower.', 'vision_tower.vision_model.');
    for (const [name, rename] of Object.entries({ rename5, rename4 })) {
      expect((await (await load(await altered(name, { rename }))).see(picture)).toFloats()).toEqual(expected);
    }
  });

  it('does not support other towers and language models, and says so', async () => {
    const siglip = { vision_config: { ...config.vision_config, model_type: 'siglip_vision_model' } };
    const mistral = { text_config: { ...config.text_config, model_type: 'mistral' } };
    for (const [name, changed] of Object.entries({ siglip, mistral })) {
      await expect(load(await altered(name, { config: changed }))).rejects.toMatchObject({
        code: 'model/unsupported',
        message: expect.stringContaining('model_type'),
      });
    }
  });

  it('refuses layers that the tower does not have, and another choice of rows', async () => {
    for (const layer of [4, -5, [1, 9], [], 'last']) {
      const place = await altered(`layer ${layer}`, { config: { vision_feature_layer: layer } });
      await expect(load(place)).rejects.toMatchObject({
        code: 'model/bad-config',
        message: expect.stringContaining('vision_feature_layer'),
      });
    }
    const place = await altered('strategy', { config: { vision_feature_select_strategy: 'patches' } });
    await expect(load(place)).rejects.toMatchObject({ code: 'model/unsupported' });
  });
});
