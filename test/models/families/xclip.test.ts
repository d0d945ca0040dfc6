import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { xclip } from '../../../src/models/families/xclip.ts';
import { releaseXclipSight, XclipVideo } from '../../../src/models/families/xclip-video.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

const FIXTURE = 'xclip_options';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-xclip-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint(FIXTURE, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/xclip' }, (checkpoint) => xclip(checkpoint));
}

describe('X-CLIP against transformers', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)('%s', async (precision) => {
    const outcomes = await runFixture(FIXTURE, precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(18);
  });
});

describe('checkpoints of X-CLIP', () => {
  it('must integrate frames in the shared space', async () => {
    const { vision_config: vision } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
    const config = { vision_config: { ...vision, mit_hidden_size: 16 } };
    await expect(loadAltered('width', { config })).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('12, as projection_dim, for "vision_config.mit_hidden_size"'),
    });
  });

  it('tell the weights of prompts that they lack', async () => {
    const rename = (name: string) => (name === 'prompts_generator.alpha' ? undefined : name);
    await expect(loadAltered('alpha', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"prompts_generator.alpha" is missing, expected [12]'),
    });
  });
});

describe('a video model', () => {
  it('takes as many frames as it was trained with, and no other', async () => {
    const video = await fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/xclip' }, async (checkpoint) =>
      XclipVideo.build(await xclip(checkpoint)),
    );
    expect(video.frames).toBe(2);
    const three = { data: new Float32Array(3 * 3 * 26 * 26), shape: [1, 3, 3, 26, 26] };
    await expect(video.see(three)).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('videos x 2 x channels'),
    });
    const sight = await video.see({ data: new Float32Array(2 * 3 * 26 * 26), shape: [1, 2, 3, 26, 26] });
    expect(sight.frames.shape).toEqual([1, 2, 12]);
    releaseXclipSight(sight);
    expect(video.bytes).toBeGreaterThan(0);
    video.release();
  });
});
