import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import type { LoopOptions } from '../../../src/models/decoding/token-loop.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
let reader: LanguageModel;
let writer: LanguageModel;
const load = (place: string, rows: 'all' | 'last') =>
  fromCheckpoint(place, { model: 'test/gpt2' }, (checkpoint) => LanguageModel.build(gpt2(checkpoint, rows)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-gpt2-'));
  reader = await load(join(FIXTURES, 'gpt2_lm'), 'all');
  writer = await load(join(FIXTURES, 'gpt2_lm'), 'last');
});
afterAll(() => rm(folder, { recursive: true }));

const write = (prompts: number[][], options: LoopOptions) =>
  decodeGreedily(languageSteps(writer, { batch: prompts.length }), prompts, options);

const VOCABULARY = 150;
const IDS = [31, 4, 77, 140, 9, 9, 64];
const END = { endIds: [], padId: 148 };

function expectClose(ours: Float32Array, expected: Float32Array) {
  expect(ours.length).toBe(expected.length);
  for (const [index, value] of ours.entries()) expect(value).toBeCloseTo(expected[index]!, 4);
}

describe('GPT-2 against transformers', () => {
  it.each(['gpt2_lm', 'gpt2_unscaled', 'gpt2_layer_scaled'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(9);
      expect(outcomes.filter(({ status }) => status === 'skipped').length).toBe(precision === 'fp32' ? 0 : 1);
    }
  });
});

describe('GPT-2', () => {
  it('gives the same logits token by token from a cache as all at once', async () => {
    const whole = (await reader.read({ ids: IDS })).head!.toFloats();
    const cache = reader.newCache();
    for (const [index, id] of IDS.entries()) {
      const step = (await reader.read({ ids: [id] }, { cache })).head!.toFloats();
      expectClose(step, whole.slice(index * VOCABULARY, (index + 1) * VOCABULARY));
    }
  });

  it('gives a text the same padded on the left in a batch', async () => {
    const alone = (await writer.read({ ids: IDS })).head!.toFloats();
    const ids = [...[1, 2, 3, 4, 5, 6, 7, 8, 9], 148, 148, ...IDS];
    const mask = [...Array(9).fill(1), 0, 0, ...Array(7).fill(1)];
    const both = (await writer.read({ ids, batch: 2, mask, positionsFromMask: true })).head!.toFloats();
    expectClose(both.slice(VOCABULARY), alone);
  });

  it('writes greedily what reading everything again chooses', async () => {
    const [text] = await write([IDS], { ...END, maxNewTokens: 6 });
    let ids = IDS;
    for (let step = 0; step < 6; step += 1) {
      const logits = [...(await writer.read({ ids })).head!.toFloats()];
      ids = [...ids, logits.indexOf(Math.max(...logits))];
    }
    expect(text).toEqual(ids);
  });

  it('fills a text that has ended while another goes on, and stops when all have', async () => {
    const prompts = [[12, 88, 3, 60, 25, 71, 110], IDS];
    const free = await write(prompts, { ...END, maxNewTokens: 3 });
    const end = free[0]![IDS.length]!;
    expect(free[1]!.slice(IDS.length)).not.toContain(end);
    const ended = await write(prompts, { endIds: [end], padId: 148, maxNewTokens: 3 });
    expect(ended[0]!.slice(IDS.length)).toEqual([end, 148, 148]);
    expect(ended[1]).toEqual(free[1]);
    const alone = await write([prompts[0]!], { endIds: [end], padId: 148, maxNewTokens: 3 });
    expect(alone[0]!.length).toBe(IDS.length + 1);
  });

  it('stops when aborted', async () => {
    const options = { ...END, maxNewTokens: 30, signal: AbortSignal.abort() };
    await expect(write([IDS], options)).rejects.toMatchObject({ code: 'run/cancelled' });
  });

  it('refuses more tokens than it has positions, those in the cache counted', async () => {
    const cache = reader.newCache();
    await reader.read({ ids: Array(38).fill(5) }, { cache });
    await expect(reader.read({ ids: [5, 5, 5] }, { cache })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('at most 40 tokens with the 38 read before'),
    });
    expect(cache.length).toBe(38);
    await expect(write([IDS], { ...END, maxNewTokens: 35 })).rejects.toMatchObject({
      code: 'model/bad-input',
    });
  });

  it('reads names without prefix, ignores buffers and a repeated head', async () => {
    const place = await alterCheckpoint('gpt2_lm', join(folder, 'bare'), {
      rename: (name) => name.replace('transformer.', ''),
      add: { 'h.0.attn.bias': f32([1], [1]), 'h.1.attn.masked_bias': f32([], [0]), 'lm_head.weight': f32([1], [0]) },
    });
    const bare = await load(place, 'all');
    const expected = (await reader.read({ ids: IDS })).head!.toFloats();
    expect((await bare.read({ ids: IDS })).head!.toFloats()).toEqual(expected);
  });

  it('has no head as GPT2Model', async () => {
    const place = await alterCheckpoint('gpt2_lm', join(folder, 'model'), { config: { architectures: ['GPT2Model'] } });
    expect((await (await load(place, 'all')).read({ ids: IDS })).head).toBeUndefined();
  });

  it('needs a head of its own where it is not tied', async () => {
    const place = await alterCheckpoint('gpt2_lm', join(folder, 'untied'), { config: { tie_word_embeddings: false } });
    await expect(load(place, 'all')).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"lm_head.weight" is missing, expected [150 x 32]'),
    });
  });

  it('does not support cross-attention, and says so', async () => {
    const place = await alterCheckpoint('gpt2_lm', join(folder, 'cross'), { config: { add_cross_attention: true } });
    await expect(load(place, 'all')).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('"add_cross_attention"'),
    });
  });
});
