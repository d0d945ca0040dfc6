import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siglip } from '../../../src/models/families/siglip.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

const FIXTURE = 'siglip_options';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-siglip-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint(FIXTURE, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/siglip' }, siglip);
}

describe('SigLIP against transformers', () => {
  it.each([FIXTURE, 'lit_siglip'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(14);
    }
  });
});

describe('pooling by attention', () => {
  const tower = () =>
    fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/siglip' }, async (checkpoint) =>
      PictureTower.build((await siglip(checkpoint)).vision),
    );
  const pictures = {
    data: Float32Array.from({ length: 2 * 3 * 900 }, (_, index) => Math.sin(0.37 * index)),
    shape: [2, 3, 30, 30],
  };

  it('gives what is asked for and no more', async () => {
    const pooled = await tower();
    const all = await pooled.run(pictures, { returnHidden: [1] });
    expect(all.hidden!.shape).toEqual([2, 16, 20]);
    expect(all.head!.shape).toEqual([2, 20]);
    expect(all.hiddenStates.map(({ shape }) => shape)).toEqual([[2, 16, 20]]);
    const head = await pooled.run(pictures, { outputs: { hidden: false } });
    expect(head.hidden).toBeUndefined();
    expect(head.head!.toFloats()).toEqual(all.head!.toFloats());
    const hidden = await pooled.run(pictures, { outputs: { head: false } });
    expect(hidden.head).toBeUndefined();
    expect(hidden.hidden!.toFloats()).toEqual(all.hidden!.toFloats());
    const one = { data: pictures.data.slice(2700), shape: [1, 3, 30, 30] };
    expect((await pooled.embed(one)).toFloats()).toEqual(all.head!.toFloats().slice(20));
  });

  it('is let go with the tower', async () => {
    const pooled = await tower();
    expect(pooled.bytes).toBeGreaterThan(pooled.stack.bytes);
    pooled.release();
    await expect(pooled.embed(pictures)).rejects.toMatchObject({ code: 'native/released' });
  });
});

describe('SigLIP checkpoints', () => {
  it('have a bias, and a scale of their own', async () => {
    const { similarity } = await loadAltered('plain', {});
    expect(similarity).toEqual({ scale: expect.closeTo(Math.exp(1.2), 4), bias: expect.closeTo(0.7, 5) });
  });

  it('without the pooling head are refused', async () => {
    const { vision_config: vision } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
    const failing = loadAltered('headless', { config: { vision_config: { ...vision, vision_use_head: false } } });
    await expect(failing).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('true for "vision_config.vision_use_head" of config.json'),
    });
  });

  it('whose towers end in other widths are refused', async () => {
    const { text_config: text } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
    const failing = loadAltered('widths', { config: { text_config: { ...text, projection_size: 24 } } });
    await expect(failing).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('20, the width of the pictures\' tower, for "text_config.projection_size"'),
    });
  });

  it('tell what they lack', async () => {
    const rename = (name: string) => (/probe$|in_proj_bias$|logit_bias/.test(name) ? undefined : name);
    const error = await loadAltered('partial', { rename }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'model/bad-weights' });
    const { message } = error as Error;
    expect(message).toContain('3 tensors do not fit:');
    expect(message).toContain('"vision_model.head.probe" is missing, expected [1 x 1 x 20]');
    expect(message).toContain('"vision_model.head.attention.in_proj_bias" is missing, expected [60]');
    expect(message).toContain('"logit_bias" is missing, expected [1]');
  });
});
