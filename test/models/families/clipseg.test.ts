import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clipseg } from '../../../src/models/families/clipseg.ts';
import { ClipsegSegmenter, releaseClipsegSight } from '../../../src/models/families/clipseg-segmenter.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

const FIXTURE = 'clipseg_options';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-clipseg-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint(FIXTURE, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/clipseg' }, (checkpoint) => clipseg(checkpoint));
}

function buildFixture() {
  return fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/clipseg' }, async (checkpoint) =>
    ClipsegSegmenter.build(await clipseg(checkpoint)),
  );
}

describe('CLIPSeg against transformers', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)('%s', async (precision) => {
    const outcomes = await runFixture(FIXTURE, precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(16);
  });
});

describe('checkpoints of CLIPSeg', () => {
  it('read the tower deepest first, whatever the order of the configuration', async () => {
    const { decoder } = await loadAltered('plain', {});
    // extract_layers [2, 0]: the last of them runs first.
    expect(decoder.steps.map(({ state }) => state)).toEqual([1, 3]);
    expect(decoder.pixels.length).toBe(3);
  });

  it('name layers that the tower does not have', async () => {
    await expect(loadAltered('layers', { config: { extract_layers: [0, 3] } })).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('layers from 0 to 2 for "extract_layers"'),
    });
  });

  it('refuse patches too small for a refined decoder', async () => {
    const { vision_config: vision } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
    const config = { vision_config: { ...vision, patch_size: 3, image_size: 12 } };
    await expect(loadAltered('patches', { config })).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('patches of at least 4 pixels'),
    });
  });

  it('of another form of decoder tell the weights they lack', async () => {
    const config = { use_complex_transposed_convolution: false };
    await expect(loadAltered('decoder', { config })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"decoder.transposed_convolution.weight" is missing, expected [9 x 1 x 9 x 9]'),
    });
  });
});

describe('a segmenter', () => {
  it('gives for several conditions of one picture what it gives for each alone', async () => {
    const segmenter = await buildFixture();
    const pixels = Float32Array.from({ length: 3 * 24 * 33 }, (_, index) => Math.sin(index));
    const sight = await segmenter.see({ data: pixels, shape: [1, 3, 24, 33] });
    expect(sight.grid).toEqual([2, 3]);
    const conditions = Float32Array.from({ length: 20 }, (_, index) => Math.cos(3 * index));
    const run = async (data: Float32Array, count: number) =>
      (await segmenter.segment(sight, Tensor.from(data, [count, 10]))).toFloats();
    const both = await run(conditions, 2);
    const second = await run(conditions.slice(10), 1);
    // Two patches of 9 pixels are upsampled by two times two, since a quarter of 9 is 2.
    expect(both.length).toBe(2 * 8 * 12);
    for (const [index, value] of second.entries()) expect(value).toBeCloseTo(both[8 * 12 + index]!, 5);
    releaseClipsegSight(sight);
    segmenter.release();
  });

  it('refuses another number of conditions than of pictures', async () => {
    const segmenter = await buildFixture();
    const sight = await segmenter.see({ data: new Float32Array(2 * 3 * 24 * 24), shape: [2, 3, 24, 24] });
    const failing = segmenter.segment(sight, Tensor.from(new Float32Array(30), [3, 10]));
    await expect(failing).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('2, one for each picture'),
    });
    releaseClipsegSight(sight);
    expect(segmenter.bytes).toBeGreaterThan(0);
    segmenter.release();
  });
});
