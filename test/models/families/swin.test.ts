import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { swin } from '../../../src/models/families/swin.ts';
import { SwinTower } from '../../../src/models/families/swin-tower.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-swin-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, alterations: Alterations, fixture = 'swin_classifier') {
  const place = await alterCheckpoint(fixture, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/swin' }, async (checkpoint) => SwinTower.build(await swin(checkpoint)));
}

const pictures = (batch: number, height: number, width: number, channels = 3) => {
  const count = batch * channels * height * width;
  return {
    data: Float32Array.from({ length: count }, (_, index) => Math.sin(0.37 * index)),
    shape: [batch, channels, height, width],
  };
};

describe('Swin', () => {
  it.each(['swin_classifier', 'swin_positions'])('%s as in transformers', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(10);
    }
  });

  it('gives a picture the same logits alone and in a batch', async () => {
    const tower = await load('batch', {});
    const many = pictures(3, 29, 44);
    const all = (await tower.run(many)).head!.toFloats();
    const one = { data: many.data.slice(2 * 3 * 29 * 44), shape: [1, 3, 29, 44] };
    const alone = (await tower.run(one, { outputs: { hidden: false } })).head!.toFloats();
    for (const [index, value] of alone.entries()) expect(value).toBeCloseTo(all[2 * 5 + index]!, 5);
  });

  it('reads the names that transformers 5 gives in memory', async () => {
    const renames: [RegExp, string][] = [
      [/attention\.self\.relative/, 'attention.relative_position_bias.relative'],
      [/attention\.self\.(q|k|v)\w+/, 'attention.$1_proj'],
      [/attention\.output\.dense/, 'attention.o_proj'],
      [/intermediate\.dense/, 'mlp.fc1'],
      [/output\.dense/, 'mlp.fc2'],
    ];
    const rename = (name: string) =>
      renames.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name);
    const [old, renamed] = [await load('old', {}), await load('renamed', { rename })];
    const expected = (await old.run(pictures(1, 24, 24))).head!.toFloats();
    expect((await renamed.run(pictures(1, 24, 24))).head!.toFloats()).toEqual(expected);
  });

  it('refuses pictures that it was not made for', async () => {
    const tower = await load('refusals', {});
    await expect(tower.run(pictures(1, 24, 24, 1))).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('[batch x 3 x height x width]'),
    });
    await expect(tower.run(pictures(1, 16, 24))).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('sides of about 18 pixels'),
    });
    const placed = await load('placed', {}, 'swin_positions');
    await expect(placed.run(pictures(1, 24, 28, 1))).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('pictures of 24 x 24'),
    });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['another class', { architectures: ['SwinForMaskedImageModeling'] }, 'model/unsupported', 'SwinModel'],
    ['stages without heads', { num_heads: [2, 4] }, 'model/bad-config', '3 numbers, one for each stage,'],
    ['heads that do not divide a width', { num_heads: [2, 5, 4] }, 'model/bad-config', '16 in stage 1'],
    ['no stages', { depths: [] }, 'model/bad-config', 'whole numbers from 1'],
    ['windows that the tables are not for', { window_size: 5 }, 'model/bad-weights', 'relative_position_bias_table'],
  ])('refuses %s', async (name, config, code, message) => {
    await expect(load(name.replaceAll(' ', '-'), { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
