import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lxmert } from '../../../src/models/families/lxmert.ts';
import { Lxmert } from '../../../src/models/families/lxmert-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { drawn } from './drawn-floats.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-lxmert-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/lxmert' }, async (checkpoint) => Lxmert.build(await lxmert(checkpoint)));

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('lxmert_pretraining', join(folder, name), alterations));
}

const IDS = [1, 17, 40, 99, 2];
const seen = (count: number, seed = 1, dim = 24, sides = 4) => ({
  features: { data: drawn(count * dim, seed), shape: [1, count, dim] },
  boxes: { data: drawn(count * sides, seed + 1), shape: [1, count, sides] },
});

describe('LXMERT against transformers', () => {
  it.each(['lxmert_pretraining', 'lxmert_few_heads', 'lxmert_plain'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('LXMERT', () => {
  it('gives a text with its regions the same alone and padded in a batch', async () => {
    const model = await load(join(FIXTURES, 'lxmert_pretraining'));
    const three = seen(3);
    const five = seen(5, 9);
    const alone = await model.run({ tokens: { ids: IDS }, ...three });
    const joined = (large: Float32Array, small: Float32Array) => {
      const all = new Float32Array(2 * large.length);
      all.set(large);
      all.set(small, large.length);
      return all;
    };
    const both = await model.run({
      tokens: { ids: [...IDS, 7, 8, ...IDS, 0, 0], batch: 2, mask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0] },
      features: { data: joined(five.features.data, three.features.data), shape: [2, 5, 24] },
      boxes: { data: joined(five.boxes.data, three.boxes.data), shape: [2, 5, 4] },
      regionMask: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    });
    const [one, two] = [alone.pooled.toFloats(), both.pooled.toFloats()];
    for (const [index, value] of one.entries()) expect(two[32 + index]).toBeCloseTo(value, 5);
    expect(alone.languageStates).toEqual([]);
  });

  it.each<[string, ReturnType<typeof seen>, string]>([
    ['features of another width', seen(3, 1, 25), '[1 x 3 x 24] for its input "visual_feats"'],
    ['boxes of five numbers', seen(3, 1, 24, 5), '[1 x 3 x 4] for its input "visual_pos"'],
    ['boxes of other regions', { features: seen(3).features, boxes: seen(2).boxes }, '[1 x 3 x 4]'],
    ['no region', seen(0), '[1 x regions x 24]'],
  ])('refuses %s', async (_, given, message) => {
    const model = await load(join(FIXTURES, 'lxmert_pretraining'));
    await expect(model.run({ tokens: { ids: IDS }, ...given })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining(message),
    });
  });

  it('answers alone where the class does, and leaves the other heads in the file', async () => {
    const model = await loadAltered('answers', { config: { architectures: ['LxmertForQuestionAnswering'] } });
    expect([model.heads.has('answers'), model.heads.has('vocabulary')]).toEqual([true, false]);
  });

  it('runs without layers of one kind, as configurations may ask', async () => {
    const layerless = await loadAltered('layerless', {
      config: { r_layers: 0, x_layers: 0 },
      rename: (name) => (/\.(?:r_layers|x_layers)\./.test(name) ? undefined : name),
    });
    const { languageStates, regionStates } = await layerless.run(
      { tokens: { ids: IDS }, ...seen(3) },
      { allStates: true },
    );
    expect([languageStates.length, regionStates.length]).toEqual([3, 1]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['class', { architectures: ['LxmertForCaptions'] }, 'model/unsupported', 'LxmertForQuestionAnswering'],
    ['heads', { num_attention_heads: 5 }, 'model/bad-config', 'a divisor of the width, 32,'],
    ['answers', { num_qa_labels: 14 }, 'model/bad-weights', 'expected [14 x 64]'],
    ['layers', { x_layers: 1 }, 'model/bad-weights', 'x_layers.1'],
  ])('tells what is wrong with the %s', async (name, config, code, message) => {
    await expect(loadAltered(`wrong-${name}`, { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
