import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idefics } from '../../../src/models/families/idefics.ts';
import { IdeficsModel } from '../../../src/models/families/idefics-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-idefics-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/idefics' }, async (checkpoint) =>
    IdeficsModel.build(await idefics(checkpoint, 'last')),
  );
const altered = (name: string, options: Parameters<typeof alterCheckpoint>[2]) =>
  alterCheckpoint('idefics_plain', join(folder, name), options);
const pictures = (batch: number, count: number) => {
  const shape = [batch, count, 3, 16, 16];
  const length = shape.reduce((product, side) => product * side, 1);
  return { shape, data: Float32Array.from({ length }, (_, index) => Math.sin(index)) };
};

describe('Idefics against transformers', () => {
  it.each([
    ['idefics_plain', 8],
    ['idefics_tied', 9],
  ])('%s', async (name, outputs) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(outputs);
    }
  });
});

describe('Idefics', () => {
  it('goes on after texts were reordered, each with its own pictures', async () => {
    const model = await load(join(FIXTURES, 'idefics_tied'));
    const sight = await model.see(pictures(2, 1));
    const views = [
      [[0], [1]],
      [[1], [1]],
    ];
    const steps = model.steps(sight, views);
    await steps.read([3, 4, 5, 61]);
    steps.reorder([1, 1, 0]);
    const three = (await steps.read([9, 9, 7])).head!.toFloats();
    steps.release();
    const plain = model.steps(sight, views);
    await plain.read([3, 4, 5, 61]);
    const two = (await plain.read([7, 9])).head!.toFloats();
    expect([...three]).toEqual([...two.slice(62), ...two.slice(62), ...two.slice(0, 62)]);
  });

  it('needs a view of each picture for each word', async () => {
    const model = await load(join(FIXTURES, 'idefics_plain'));
    const sight = await model.see(pictures(1, 2));
    await expect(model.read({ ids: [3, 4], views: [[[1, 0], [1]]], sight })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('[1 x 2 x 2]'),
    });
  });

  it('ignores the angles that old files hold', async () => {
    const add = { 'model.layers.0.self_attn.rotary_emb.inv_freq': f32([1], [0]) };
    expect((await load(await altered('old', { add }))).language.width).toBe(24);
  });

  it('refuses blocks that stand before no layer, and gates of another kind', async () => {
    await expect(load(await altered('uneven', { config: { cross_layer_interval: 2 } }))).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('a divisor of the 3 layers'),
    });
    await expect(load(await altered('gates', { config: { alpha_type: 'matrix' } }))).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('"alpha_type"'),
    });
  });
});
