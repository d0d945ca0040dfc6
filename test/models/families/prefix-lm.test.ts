import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import { prefixSteps } from '../../../src/models/decoding/prefix-steps.ts';
import { prefixLm } from '../../../src/models/families/prefix-lm.ts';
import { PrefixMapper } from '../../../src/models/fusion/prefix-mapper.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { RowLanguageModel } from '../../../src/models/towers/row-language-model.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-prefix-lm-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The mapper and the language model of MAPL's fixture. */
function load(place = join(FIXTURES, 'mapl_prefix')) {
  return fromCheckpoint(place, { model: 'test/prefix' }, async (checkpoint) => {
    const { mapper, language } = await prefixLm(checkpoint, 'last');
    return { mapper: await PrefixMapper.build(mapper), language: await RowLanguageModel.build(language) };
  });
}

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('mapl_prefix', join(folder, name), alterations));
}

/** Numbers that repeat themselves late enough to tell rows apart. */
const numbers = (count: number) => Float32Array.from({ length: count }, (_, index) => Math.sin(3 * index));

describe('language models behind a prefix, against their equations', () => {
  it.each(['clipcap_transformer', 'mapl_prefix', 'prefix_options'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(5);
    }
  });
});

describe('a prefix', () => {
  it('is read once: texts go on from the cache as from everything read again', async () => {
    const { language: model } = await load();
    const prefix = Tensor.from(numbers(2 * 3 * model.width), [2, 3, model.width]);
    const texts = await decodeGreedily(prefixSteps(model, prefix), [[5], [9]], {
      maxNewTokens: 5,
      endIds: [],
      padId: 0,
    });
    const ids = [[5], [9]];
    for (let step = 0; step < 5; step += 1) {
      const rows = await model.embedAfter(prefix, ids.flat(), 2);
      const logits = (await model.read({ rows })).head!.toFloats();
      for (const [item, text] of ids.entries()) {
        const row = [...logits.subarray((item * logits.length) / 2, ((item + 1) * logits.length) / 2)];
        text.push(row.indexOf(Math.max(...row)));
      }
    }
    expect(texts).toEqual(ids);
  });

  it('must have the width of the model and leave room for the text', async () => {
    const { language: model } = await load();
    const narrow = Tensor.from(new Float32Array(6), [1, 2, 3]);
    await expect(model.embedAfter(narrow, [], 1)).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('[1 x rows x 32]'),
    });
    const long = Tensor.from(new Float32Array(39 * 32), [1, 39, 32]);
    const options = { maxNewTokens: 3, endIds: [], padId: 0 };
    await expect(decodeGreedily(prefixSteps(model, long), [[]], options)).rejects.toMatchObject({
      code: 'model/bad-input',
    });
    const full = await model.embedAfter(long, [1, 2], 1);
    await expect(model.read({ rows: full })).rejects.toMatchObject({
      code: 'model/bad-input',
    });
  });

  it('needs a prompt where nothing stands before it', async () => {
    const { language } = await load();
    const steps = prefixSteps(language, Tensor.from(new Float32Array(32), [1, 1, 32]));
    const options = { maxNewTokens: 1, endIds: [], padId: 0 };
    await expect(decodeGreedily({ ...steps, hasPrefix: false }, [[]], options)).rejects.toMatchObject({
      code: 'model/bad-input',
    });
  });
});

describe('mappers', () => {
  it('refuse visual rows of another shape', async () => {
    const { mapper } = await load();
    await expect(mapper.run(Tensor.from(new Float32Array(24), [1, 24]))).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('[batch, rows, 24]'),
    });
  });

  it('are told apart by their kind, which must be known', async () => {
    await expect(loadAltered('kind', { config: { model_type: 'limber' } })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('clipcap-mlp, clipcap-transformer, frozen or mapl'),
    });
  });

  it('refuse heads that do not divide their width, and language models with a memory', async () => {
    await expect(loadAltered('heads', { config: { heads: 5 } })).rejects.toMatchObject({ code: 'model/bad-config' });
    const memory = { config: { text_config: { add_cross_attention: true } } };
    await expect(loadAltered('memory', memory)).rejects.toMatchObject({ code: 'model/unsupported' });
  });

  it('tell what is missing', async () => {
    const rename = (name: string) => (name === 'clip_project.const' ? undefined : name);
    await expect(loadAltered('missing', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"clip_project.const" is missing, expected [6 x 24]'),
    });
  });
});
