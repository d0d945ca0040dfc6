import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import { git } from '../../../src/models/families/git.ts';
import { GitModel } from '../../../src/models/families/git-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-git-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/git' }, async (checkpoint) => GitModel.build(await git(checkpoint, 'last')));
const picture = (...leading: number[]) => {
  const shape = [...leading, 3, 16, 16];
  const count = shape.reduce((product, side) => product * side, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, index) => Math.sin(index)) };
};

describe('GIT against transformers', () => {
  it.each(['git_tied', 'git_frames'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(10);
    }
  });
});

describe('GIT', () => {
  it('goes on after texts were reordered as if each had been alone', async () => {
    const model = await load(join(FIXTURES, 'git_tied'));
    const sight = await model.see(picture(2));
    const steps = model.steps(sight);
    await steps.read([3, 4]);
    steps.reorder([1, 0, 0]);
    expect(steps.batch).toBe(3);
    const three = (await steps.read([7, 8, 9])).head!.toFloats();
    steps.release();
    const alone = model.steps(sight);
    await alone.read([3, 4]);
    const two = (await alone.read([8, 7])).head!.toFloats();
    expect([...three.slice(0, 120)]).toEqual([...two.slice(60), ...two.slice(0, 60)]);
  });

  it('reads a video of fewer frames than it knows, and no more', async () => {
    const model = await load(join(FIXTURES, 'git_frames'));
    expect((await model.see(picture(1, 1))).shape).toEqual([1, 5, 24]);
    await expect(model.see(picture(1, 3))).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('videos of 1 to 2 frames'),
    });
    const still = await load(join(FIXTURES, 'git_tied'));
    await expect(still.see(picture(1, 1))).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it('writes as many tokens as it has positions for words, and no more', async () => {
    const model = await load(join(FIXTURES, 'git_tied'));
    const write = async (maxNewTokens: number) =>
      decodeGreedily(model.steps(await model.see(picture(1))), [[58]], { maxNewTokens, endIds: [], padId: 0 });
    expect((await write(24))[0]!.length).toBe(25);
    await expect(write(25)).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(model.read({ ids: [1, 2], batch: 1, start: 23 })).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it('reads the tower of pictures by its newer name, and ignores old buffers', async () => {
    const place = await alterCheckpoint('git_tied', join(folder, 'renamed'), {
      rename: (name) => name.replace('image_encoder.vision_model.', 'image_encoder.'),
      add: { 'git.embeddings.position_ids': f32([1, 1], [0]) },
    });
    const renamed = await (await load(place)).see(picture(1));
    const model = await load(join(FIXTURES, 'git_tied'));
    expect(renamed.toFloats()).toEqual((await model.see(picture(1))).toFloats());
  });

  it('needs a head of its own where it is not tied', async () => {
    const place = await alterCheckpoint('git_tied', join(folder, 'untied'), { config: { tie_word_embeddings: false } });
    await expect(load(place)).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"output.weight" is missing'),
    });
  });
});
