import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opt } from '../../../src/models/families/opt.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-opt-'));
});
afterAll(() => rm(folder, { recursive: true }));

const IDS = [31, 4, 50, 9, 9, 17];
const load = (place: string, architecture?: string) =>
  fromCheckpoint(place, { model: 'test/opt' }, (checkpoint) =>
    LanguageModel.build(opt(checkpoint, 'all', architecture)),
  );

describe('OPT against transformers', () => {
  it.each(['opt_lm', 'opt_350m', 'opt_plain', 'opt_unnormed'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(9);
    }
  });
});

describe('OPT', () => {
  it('reads names without the outermost prefix, ignores a repeated head', async () => {
    const place = await alterCheckpoint('opt_350m', join(folder, 'bare'), {
      rename: (name) => name.replace('model.', ''),
      add: { 'lm_head.weight': f32([1], [0]) },
    });
    const expected = (await (await load(join(FIXTURES, 'opt_350m'))).read({ ids: IDS })).head!.toFloats();
    expect((await (await load(place)).read({ ids: IDS })).head!.toFloats()).toEqual(expected);
  });

  it('has no head as OPTModel, unless rows leave it narrower', async () => {
    const wide = await (await load(join(FIXTURES, 'opt_lm'), 'OPTModel')).read({ ids: IDS });
    expect(wide.head).toBeUndefined();
    const narrow = await (await load(join(FIXTURES, 'opt_350m'), 'OPTModel')).read({ ids: IDS });
    expect(narrow.head!.shape).toEqual([1, IDS.length, 14]);
  });

  it('needs projections where words are narrower than the stream', async () => {
    const place = await alterCheckpoint('opt_lm', join(folder, 'narrow'), { config: { word_embed_proj_dim: 16 } });
    await expect(load(place)).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('project_in.weight" is missing, expected [32 x 16]'),
    });
  });

  it('refuses heads that do not divide the width, and other classes', async () => {
    const uneven = await alterCheckpoint('opt_lm', join(folder, 'uneven'), { config: { num_attention_heads: 5 } });
    await expect(load(uneven)).rejects.toMatchObject({ code: 'model/bad-config' });
    await expect(load(join(FIXTURES, 'opt_lm'), 'OPTForQuestionAnswering')).rejects.toMatchObject({
      code: 'model/unsupported',
    });
  });
});
