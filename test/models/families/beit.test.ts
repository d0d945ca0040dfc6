import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beit } from '../../../src/models/families/beit.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-beit-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, alterations: Alterations, fixture = 'beit') {
  const place = await alterCheckpoint(fixture, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/beit' }, async (checkpoint) =>
    PictureTower.build(await beit(checkpoint)),
  );
}

const picture = (height: number, width: number) => {
  const data = Float32Array.from({ length: 3 * height * width }, (_, index) => Math.sin(0.37 * index));
  return { data, shape: [1, 3, height, width] };
};

describe('BEiT', () => {
  it.each(['beit', 'beit_shared_bias', 'beit_only_shared'])('%s as in transformers', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(8);
    }
  });

  it('reads the names that transformers 5 gives in memory', async () => {
    const renames: [RegExp, string][] = [
      [/encoder\.layer\./, 'layers.'],
      [/attention\.attention\.relative_position_bias\./, 'relative_position_bias.'],
      [/encoder\.relative_position_bias/, 'shared_position_bias'],
      [/attention\.attention\.(q|k|v)\w+/, 'attention.$1_proj'],
      [/attention\.output\.dense/, 'attention.o_proj'],
      [/intermediate\.dense/, 'mlp.fc1'],
      [/output\.dense/, 'mlp.fc2'],
    ];
    const rename = (name: string) =>
      renames.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name);
    const old = await load('old', {}, 'beit_shared_bias');
    const renamed = await load('renamed', { rename }, 'beit_shared_bias');
    const expected = (await old.run(picture(16, 16))).head!.toFloats();
    expect((await renamed.run(picture(16, 16))).head!.toFloats()).toEqual(expected);
  });

  it('goes back and forth between sizes, and refuses pictures smaller than a patch', async () => {
    const tower = await load('sizes', {});
    const first = (await tower.run(picture(32, 32))).head!.toFloats();
    await tower.run(picture(24, 40));
    expect((await tower.run(picture(32, 32))).head!.toFloats()).toEqual(first);
    await expect(tower.run(picture(7, 32))).rejects.toMatchObject({ code: 'native/bad-argument' });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['another class', { architectures: ['BeitForSemanticSegmentation'] }, 'model/unsupported', 'BeitModel'],
    ['tables of another grid', { image_size: 24 }, 'model/bad-weights', 'relative_position_bias_table'],
    [
      'positions that the file does not have',
      { use_absolute_position_embeddings: true },
      'model/bad-weights',
      'position_embeddings',
    ],
  ])('refuses %s', async (name, config, code, message) => {
    await expect(load(name.replaceAll(' ', '-'), { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
