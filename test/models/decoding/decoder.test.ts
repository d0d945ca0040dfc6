import { describe, expect, it } from 'vitest';
import { type DecodingOptions, decode } from '../../../src/models/decoding/decoder.ts';
import { resolveSettings } from '../../../src/models/decoding/resolve-settings.ts';
import type { DecodingSettings } from '../../../src/models/decoding/settings.ts';
import { drawnSteps } from './drawn-steps.ts';

const VOCABULARY = 6;
const RULES = { endIds: [], padId: 0, maxNewTokens: 6 };

const run = (settings: DecodingSettings, options: Partial<DecodingOptions> = {}, prompts: number[][] = [[1, 2]]) =>
  decode(drawnSteps(prompts.length, VOCABULARY), prompts, { ...RULES, plan: resolveSettings(settings), ...options });

describe('the decoder', () => {
  it.each<DecodingSettings>([
    {},
    { strategy: 'sample', seed: 4 },
    { strategy: 'beam', beams: 3 },
    { strategy: 'beam-sample', beams: 3 },
  ])('tells what is written and ends by what a caller says: %j', async (settings) => {
    const told: number[][] = [];
    const onWritten = (written: readonly number[]) => told.push([...written]);
    const { texts } = await run(settings, { onWritten });
    expect(texts).toHaveLength(1);
    expect(texts[0]).toHaveLength(8);
    expect(texts[0]!.slice(0, 2)).toEqual([1, 2]);
    expect(told.at(-1)).toEqual(texts[0]!.slice(2));
    const short = await run(settings, { isOver: (written) => written.length >= 2 });
    expect(short.texts[0]).toHaveLength(4);
  });

  it('writes no run of tokens twice where it must not, by any strategy', async () => {
    for (const strategy of ['greedy', 'sample', 'beam', 'beam-sample'] as const) {
      const { texts } = await run({ strategy, noRepeatNgram: 2 }, { maxNewTokens: 18 });
      const pairs = texts[0]!.slice(1).map((token, place) => `${texts[0]![place]} ${token}`);
      expect(new Set(pairs).size).toBe(pairs.length);
    }
  });

  it('gives as many texts of beams as asked for, and no more than there are', async () => {
    const { texts, scores } = await run({ beams: 3 }, { returned: 3 }, [[1], [2]]);
    expect(texts).toHaveLength(6);
    expect(new Set(texts.map((text) => text.join())).size).toBe(6);
    for (const [best, other] of [
      [0, 1],
      [1, 2],
      [3, 4],
    ] as const) {
      expect(scores![best]).toBeGreaterThanOrEqual(scores![other]!);
    }
    for (const returned of [0, 4, 1.5]) {
      await expect(run({ beams: 3 }, { returned })).rejects.toMatchObject({ code: 'run/bad-parameter' });
    }
    await expect(run({}, { returned: 2 })).rejects.toMatchObject({ code: 'run/bad-parameter' });
  });

  it.each<[DecodingSettings, string]>([
    [{ strategy: 'sample', topK: VOCABULARY + 1 }, 'topK'],
    [{ strategy: 'beam-sample', topK: VOCABULARY + 1 }, 'topK'],
    [{ beams: VOCABULARY + 1 }, 'beams'],
  ])('refuses %j of a smaller vocabulary', async (settings, param) => {
    await expect(run(settings)).rejects.toMatchObject({ code: 'run/bad-parameter', details: { param } });
  });

  it('lets a checkpoint name more than the vocabulary has, as transformers does', async () => {
    const plan = resolveSettings({}, { settings: { topK: 50 }, isSampled: true });
    const { texts } = await decode(drawnSteps(1, VOCABULARY), [[1]], { ...RULES, plan });
    expect(texts[0]).toHaveLength(7);
  });

  it('refuses a prompt that leaves no room, by any strategy', async () => {
    const long = Array.from({ length: 32 }, () => 1);
    for (const strategy of ['greedy', 'sample', 'beam', 'beam-sample'] as const) {
      await expect(run({ strategy }, {}, [long])).rejects.toMatchObject({ code: 'model/bad-input' });
    }
  });
});
