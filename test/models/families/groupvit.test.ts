import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupvit } from '../../../src/models/families/groupvit.ts';
import { gather } from '../../../src/models/families/groupvit-grouping.ts';
import { GroupvitModel, releaseGroupvitSight } from '../../../src/models/families/groupvit-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

const FIXTURE = 'groupvit_options';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-groupvit-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint(FIXTURE, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/groupvit' }, (checkpoint) => groupvit(checkpoint));
}

async function visionWith(options: Readonly<Record<string, unknown>>) {
  const { vision_config: vision } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
  return { config: { vision_config: { ...vision, ...options } } };
}

describe('GroupViT against transformers', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)('%s', async (precision) => {
    const outcomes = await runFixture(FIXTURE, precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(19);
  });
});

describe('checkpoints of GroupViT', () => {
  it('must hand on as many group tokens as the next stage reads', async () => {
    const altered = await visionWith({ num_output_groups: [6, 4, 4] });
    await expect(loadAltered('tokens', altered)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('5 in stage 0, as its group tokens, for "vision_config.num_output_groups"'),
    });
  });

  it('must say for every stage how many groups it has', async () => {
    const altered = await visionWith({ num_group_tokens: [5, 3] });
    await expect(loadAltered('stages', altered)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('3 whole numbers for "vision_config.num_group_tokens"'),
    });
  });

  it('name ratios that are no numbers', async () => {
    const altered = await visionWith({ assign_mlp_ratio: ['wide'] });
    await expect(loadAltered('ratio', altered)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('numbers for "vision_config.assign_mlp_ratio"'),
    });
  });

  it('tell the statistics of norms that they lack', async () => {
    const rename = (name: string) => (name.endsWith('running_var') ? undefined : name);
    await expect(loadAltered('norm', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"visual_projection.1.running_var" is missing, expected [12]'),
    });
  });
});

describe('the hard assignment', () => {
  it('sums the rows of each group, divided by their number and epsilon', () => {
    const shares = Float32Array.of(0.7, 0.3, 0.2, 0.8, 0.6, 0.4);
    const sums = new Float32Array(4);
    gather(shares, Float32Array.of(1, 2, 10, 20, 3, 4), sums, { count: 2, width: 2, epsilon: 1 });
    expect([...sums]).toEqual([4 / 3, 2, 5, 10].map(Math.fround));
  });

  it('leaves a group that nobody joins at zero', () => {
    const sums = new Float32Array(2);
    gather(Float32Array.of(0.5, 0.5), Float32Array.of(3), sums, { count: 2, width: 1, epsilon: 1 });
    expect([...sums]).toEqual([1.5, 0]);
  });
});

describe('a model', () => {
  it('refuses pictures of another size', async () => {
    const model = await fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/groupvit' }, async (checkpoint) =>
      GroupvitModel.build(await groupvit(checkpoint)),
    );
    const wide = { data: new Float32Array(3 * 26 * 32), shape: [1, 3, 26, 32] };
    await expect(model.see(wide)).rejects.toMatchObject({ code: 'model/bad-input' });
    const sight = await model.see({ data: new Float32Array(3 * 26 * 26), shape: [1, 3, 26, 26] });
    expect(sight.grid).toEqual([4, 4]);
    expect(sight.soft.map(({ shape }) => shape)).toEqual([
      [1, 16, 5],
      [1, 5, 4],
    ]);
    releaseGroupvitSight(sight);
    expect(model.bytes).toBeGreaterThan(0);
    model.release();
  });
});
