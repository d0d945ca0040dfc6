import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clip, endToken } from '../../../src/models/families/clip.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-clip-family-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint('clip', join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/clip' }, clip);
}

describe('CLIP against transformers', () => {
  it.each(['clip', 'clip_options'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(15);
    }
  });
});

describe('the end of a text', () => {
  it('is the first end token, or the start where there is none', () => {
    expect(endToken(57)([56, 9, 98, 57, 57, 3])).toBe(3);
    expect(endToken(57)([56, 9, 98])).toBe(0);
  });

  it('is the first of the largest ids where the configuration says 2, as the first published ones do', () => {
    expect(endToken(2)([97, 2, 98, 98])).toBe(2);
    expect(endToken(2)([0, 0])).toBe(0);
  });
});

describe('CLIP checkpoints', () => {
  it('may hold the numbers of positions, which are ignored', async () => {
    const { dim, similarity } = await loadAltered('buffers', {
      add: {
        'text_model.embeddings.position_ids': f32([1, 2], [0, 1]),
        'vision_model.embeddings.position_ids': f32([1, 2], [0, 1]),
      },
    });
    expect(dim).toBe(24);
    expect(similarity.scale).toBeCloseTo(Math.exp(1.9), 4);
    expect(similarity.bias).toBeUndefined();
  });

  it('may keep the options of a tower under its first name, which then counts alone', async () => {
    const config = JSON.parse(await readFile(join(FIXTURES, 'clip', 'config.json'), 'utf8'));
    const moved = { text_config_dict: config.text_config, text_config: { num_hidden_layers: 9 } };
    const { text } = await loadAltered('first-names', { config: moved });
    expect(text.spec.layers.length).toBe(2);
  });

  it('of CLOOB are multiplied with 100, whatever they were trained with', async () => {
    const { similarity } = await loadAltered('cloob', {
      rename: (name) => (name === 'logit_scale' ? 'logit_inv_tau' : name),
      add: { logit_scale_hopfield: f32([], [2]) },
    });
    expect(similarity.scale).toBe(100);
    const mixed = loadAltered('half-cloob', { add: { logit_scale_hopfield: f32([], [2]) } });
    await expect(mixed).rejects.toMatchObject({
      message: expect.stringContaining('"logit_scale_hopfield" of shape [] is unexpected'),
    });
  });

  it('that lack a tower tell its weights', async () => {
    const rename = (name: string) => (name.startsWith('text_model.final') || name === 'logit_scale' ? undefined : name);
    const error = await loadAltered('partial', { rename }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'model/bad-weights' });
    const { message } = error as Error;
    expect(message).toContain('3 tensors do not fit:');
    expect(message).toContain('"text_model.final_layer_norm.bias" or "text_model.final_layer_norm.beta" is missing');
    expect(message).toContain('"logit_scale" is missing, expected []');
  });

  it('name the tower whose option is wrong', async () => {
    const { vision_config: vision } = JSON.parse(await readFile(join(FIXTURES, 'clip', 'config.json'), 'utf8'));
    const failing = loadAltered('option', { config: { vision_config: { ...vision, hidden_act: 'gelu_10' } } });
    await expect(failing).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('for "vision_config.hidden_act" of config.json'),
    });
  });
});

describe('the tower of texts', () => {
  it('gives a text the same alone, padded, and in a batch', async () => {
    const tower = await fromCheckpoint(join(FIXTURES, 'clip'), { model: 'test/clip' }, async (checkpoint) =>
      TextTower.build((await clip(checkpoint)).text),
    );
    const ids = [97, 5, 6, 98];
    const alone = (await tower.run({ ids })).head!.toFloats();
    const batch = [...[97, 8, 9, 10, 11, 98], ...ids, 98, 98];
    const both = (await tower.run({ ids: batch, batch: 2 }, { outputs: { hidden: false } })).head!.toFloats();
    for (const [index, value] of alone.entries()) expect(value).toBeCloseTo(both[24 + index]!, 5);
  });
});
