import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridgeTower } from '../../../src/models/families/bridgetower.ts';
import { BridgeTower } from '../../../src/models/families/bridgetower-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { drawn } from './drawn-floats.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-bridgetower-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/bridgetower' }, async (checkpoint) =>
    BridgeTower.build(await bridgeTower(checkpoint)),
  );

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('bridgetower_scaled', join(folder, name), alterations));
}

/** Options of `text_config` or `vision_config`, beside those that the fixture has. */
async function section(key: string, options: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { default: config } = await import(join(FIXTURES, 'bridgetower_scaled', 'config.json'), {
    with: { type: 'json' },
  });
  return { [key]: { ...config[key], ...options } };
}

const IDS = [0, 17, 22, 39, 2];
const SIDE = 21;
const picture = (count: number, seed = 1) => ({
  data: drawn(count * 3 * SIDE * SIDE, seed),
  shape: [count, 3, SIDE, SIDE],
});

describe('BridgeTower against transformers', () => {
  it.each(['bridgetower_interpolated', 'bridgetower_scaled'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(11);
    }
  });
});

describe('BridgeTower', () => {
  it('gives a text the same alone and padded beside others, each with the picture it looks at', async () => {
    const model = await load(join(FIXTURES, 'bridgetower_scaled'));
    const alone = await model.run({ tokens: { ids: IDS }, pictures: picture(1, 3) });
    const pictures = {
      data: Float32Array.from([...picture(1, 5).data, ...picture(1, 3).data]),
      shape: [2, 3, SIDE, SIDE],
    };
    const both = await model.run({
      tokens: { ids: [...IDS, 7, 8, ...IDS, 1, 1], batch: 2, mask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0] },
      pictures,
      pictureOf: [0, 1],
    });
    const [one, two] = [alone.pooled.toFloats(), both.pooled.toFloats()];
    expect(one).toHaveLength(48);
    for (const [index, value] of one.entries()) expect(two[48 + index]).toBeCloseTo(value, 5);
  });

  it('refuses pictures of another size or number', async () => {
    const model = await load(join(FIXTURES, 'bridgetower_scaled'));
    const small = { data: drawn(3 * 14 * 14), shape: [1, 3, 14, 14] };
    await expect(model.run({ tokens: { ids: IDS }, pictures: small })).rejects.toMatchObject({
      code: 'model/bad-input',
    });
    await expect(model.run({ tokens: { ids: IDS }, pictures: picture(2) })).rejects.toMatchObject({
      message: expect.stringContaining('a picture for each of 1 texts'),
    });
    const beyond = model.run({ tokens: { ids: IDS }, pictures: picture(1), pictureOf: [1] });
    await expect(beyond).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it('has no embeddings where it was not trained by contrast', async () => {
    const model = await load(join(FIXTURES, 'bridgetower_scaled'));
    const result = await model.run({ tokens: { ids: IDS }, pictures: picture(1) });
    await expect(model.embed(result)).rejects.toMatchObject({ code: 'model/unsupported' });
  });

  it.each<[string, () => Record<string, unknown> | Promise<Record<string, unknown>>, string, string]>([
    ['link', () => ({ link_tower_type: 'multiply' }), 'model/unsupported', 'one of add, scaled_add, interpolate'],
    ['shared links', () => ({ share_link_tower_layers: true }), 'model/unsupported', '"share_link_tower_layers"'],
    ['width', () => ({ hidden_size: 48 }), 'model/bad-config', '24, as in "text_config",'],
    ['layers', () => ({ num_hidden_layers: 3 }), 'model/bad-config', 'at most 2, one more than the text tower'],
    ['picture layers', () => section('vision_config', { num_hidden_layers: 1 }), 'model/bad-config', 'at least 2'],
    ['picture width', () => section('vision_config', { hidden_size: 60 }), 'model/bad-config', 'a multiple of 64'],
    ['decoder', () => section('text_config', { is_decoder: true }), 'model/unsupported', '"text_config.is_decoder"'],
    ['class', () => ({ architectures: ['BridgeTowerForAnswers'] }), 'model/unsupported', 'BridgeTowerForMaskedLM'],
  ])('tells what is wrong with the %s', async (name, config, code, message) => {
    const failing = loadAltered(`wrong-${name.replaceAll(' ', '-')}`, { config: await config() });
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
