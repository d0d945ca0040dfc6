import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dinov2 } from '../../../src/models/families/dinov2.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-dinov2-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, alterations: Alterations) {
  const place = await alterCheckpoint('dinov2_options', join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/dinov2' }, (checkpoint) => PictureTower.build(dinov2(checkpoint)));
}

const picture = (height: number, width: number) => {
  const data = Float32Array.from({ length: 3 * height * width }, (_, index) => Math.sin(0.37 * index));
  return { data, shape: [1, 3, height, width] };
};

describe('DINOv2', () => {
  it('gives what transformers gives', async () => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture('dinov2_options', precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(10);
    }
  });

  it('takes pictures of any size unless told not to', async () => {
    const tower = await load('sizes', {});
    expect((await tower.run(picture(28, 14))).hidden!.shape).toEqual([1, 9, 24]);
    await expect(tower.run(picture(28, 14), { resizePositions: false })).rejects.toMatchObject({
      code: 'model/bad-input',
    });
    await expect(tower.run(picture(6, 14))).rejects.toMatchObject({ code: 'native/bad-argument' });
  });

  it('reads the bare model below a prefix, without the classifier over it', async () => {
    const original = await load('original', {});
    const prefixed = await load('prefixed', {
      rename: (name) => `dinov2.${name}`,
      add: { 'classifier.weight': f32([1], [0]) },
    });
    const expected = (await original.run(picture(21, 21))).head!.toFloats();
    expect((await prefixed.run(picture(21, 21))).head!.toFloats()).toEqual(expected);
  });

  it('with gated feed-forward networks lacks their weights where a file has the others', async () => {
    await expect(load('gated', { config: { use_swiglu_ffn: true } })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('mlp.weights_in.weight" is missing, expected [64 x 24]'),
    });
  });
});
