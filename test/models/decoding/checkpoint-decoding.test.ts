import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigReader } from '../../../src/models/blocks/config-reader.ts';
import { readCheckpointWriting, readDecoding } from '../../../src/models/decoding/checkpoint-decoding.ts';
import { readGenerationIds, readNewTokens } from '../../../src/models/decoding/generation-config.ts';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

async function folderOf(generation: object | undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'weft-decoding-'));
  folders.push(folder);
  if (generation !== undefined) await writeFile(join(folder, 'generation_config.json'), JSON.stringify(generation));
  return folder;
}

const reader = (content: object) => new ConfigReader(content as never, { model: 'test/decoding' });

async function read(generation: object | undefined, config: object = {}, decoder?: object) {
  return readDecoding(await folderOf(generation), reader(config), decoder && reader(decoder));
}

describe('how a checkpoint decodes', () => {
  it('is told by generation_config.json', async () => {
    const generation = {
      ...{ num_beams: 4, length_penalty: 2, early_stopping: 'never', num_beam_groups: 2, diversity_penalty: 0.5 },
      ...{ repetition_penalty: 1.2, no_repeat_ngram_size: 3, min_new_tokens: 1, min_length: 5, do_sample: true },
      ...{ temperature: 0.6, top_k: 10, top_p: 0.9, min_p: 0.1, typical_p: 0.8, penalty_alpha: 0.6 },
      ...{ forced_bos_token_id: 7, forced_eos_token_id: [8, 9], suppress_tokens: [1], begin_suppress_tokens: [2, 3] },
      ...{ stop_strings: ['\n'], guidance_scale: 1, bad_words_ids: null, use_cache: true, eos_token_id: 2 },
    };
    expect(await read(generation)).toEqual({
      settings: {
        ...{ beams: 4, lengthPenalty: 2, earlyStopping: 'never', groups: 2, diversity: 0.5 },
        ...{ repetitionPenalty: 1.2, noRepeatNgram: 3, minTokens: 1 },
        ...{ temperature: 0.6, topK: 10, topP: 0.9, minP: 0.1, typicalP: 0.8, penaltyAlpha: 0.6 },
        ...{ suppressed: [1], suppressedFirst: [2, 3], stop: ['\n'] },
      },
      ...{ isSampled: true, minLength: 5, forcedFirst: 7, forcedLast: [8, 9] },
    });
  });

  it('is told by config.json and its decoder where there is no such file', async () => {
    const config = { num_beams: 3 };
    const decoder = { num_beams: 5, length_penalty: 0.5 };
    expect(await read(undefined, config, decoder)).toEqual({
      settings: { beams: 3, lengthPenalty: 0.5 },
      isSampled: false,
    });
    expect(await read({}, config, decoder)).toEqual({ settings: {}, isSampled: false });
  });

  it.each([
    { guidance_scale: 1.5 },
    { bad_words_ids: [[4]] },
    { num_return_sequences: 2 },
    { exponential_decay_length_penalty: [5, 1.1] },
    { renormalize_logits: true },
    { encoder_no_repeat_ngram_size: 3 },
    { epsilon_cutoff: 0.0003 },
  ])('%j is refused, for nothing here carries it out', async (generation) => {
    const [name] = Object.keys(generation);
    await expect(read(generation)).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining(name!),
    });
  });

  it.each([{ early_stopping: 'sometimes' }, { num_beams: 'many' }, { suppress_tokens: ['a'] }, { do_sample: 1 }])(
    '%j is no option',
    async (generation) => {
      await expect(read(generation)).rejects.toMatchObject({ code: 'model/bad-config' });
    },
  );
});

describe('what a family that goes on with a text reads', () => {
  it.each([
    [undefined, { eos_token_id: [4, 5], max_length: 9, num_beams: 3 }],
    [
      { eos_token_id: 6, pad_token_id: 7, max_new_tokens: 8 },
      { eos_token_id: 4, num_beams: 3 },
    ],
    [{}, { pad_token_id: 2, max_length: 9, num_beams: 3 }],
    [{ max_length: 12, num_beams: 2 }, {}],
  ])('is the same at once as one by one: %j beside %j', async (generation, content) => {
    const [folder, config] = [await folderOf(generation), reader(content)];
    const { newTokens, ...others } = await readCheckpointWriting(folder, config);
    const ids = await readGenerationIds(folder, config);
    expect(others).toEqual({ ...ids, byCheckpoint: await readDecoding(folder, config) });
    expect(newTokens(5)).toBe((await readNewTokens(folder, config))(5));
  });
});
