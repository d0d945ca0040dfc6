import { describe, expect, it } from 'vitest';
import { type BeamOptions, decodeByBeams } from '../../../src/models/decoding/beam-search.ts';
import { drawnLogits, drawnSteps, logProbability } from './drawn-steps.ts';

const PLAIN = { lengthPenalty: 1, earlyStopping: false, groups: 1, diversity: 0, endIds: [], padId: 0 } as const;
const VOCABULARY = 5;

const search = (prompts: number[][], options: Partial<BeamOptions> & Pick<BeamOptions, 'beams' | 'maxNewTokens'>) =>
  decodeByBeams(drawnSteps(prompts.length, VOCABULARY), prompts, { ...PLAIN, ...options });

/** All texts of so many tokens. */
function allTexts(length: number): number[][] {
  if (length === 0) return [[]];
  return allTexts(length - 1).flatMap((text) => Array.from({ length: VOCABULARY }, (_, token) => [...text, token]));
}

describe('beam search', () => {
  it('finds the likeliest texts of all where it has beams for all', async () => {
    const prompt = [1, 2];
    const { texts, scores } = await search([prompt], { beams: VOCABULARY ** 2, maxNewTokens: 3, returned: 4 });
    const best = allTexts(3)
      .map((written) => ({ written, score: logProbability(prompt, written, VOCABULARY) / 3 }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 4);
    expect(texts).toEqual(best.map(({ written }) => [...prompt, ...written]));
    for (const [place, { score }] of best.entries()) expect(scores[place]).toBeCloseTo(score, 5);
  });

  it('gives each prompt what it gives it alone', async () => {
    const prompts = [
      [1, 2],
      [3, 4],
      [0, 2],
    ];
    for (const earlyStopping of [true, false, 'never'] as const) {
      const options = { beams: 3, maxNewTokens: 8, endIds: [2], padId: 4, lengthPenalty: 0.5, earlyStopping };
      const { texts, scores } = await search(prompts, options);
      for (const [index, prompt] of prompts.entries()) {
        const alone = await search([prompt], options);
        const filled = [...alone.texts[0]!, ...Array(texts[index]!.length - alone.texts[0]!.length).fill(4)];
        expect(texts[index]).toEqual(filled);
        expect(scores[index]).toBe(alone.scores[0]);
      }
    }
  });

  it('reads no beam of a prompt that is done', async () => {
    // Token 1 ends the first prompt at once and is never likely after the second.
    const logits = (text: readonly number[]) => Float32Array.of(0, text[0] === 0 ? 9 : -9, 1);
    const steps = drawnSteps(2, 3, logits);
    await decodeByBeams(steps, [[0], [2]], { ...PLAIN, beams: 2, maxNewTokens: 4, endIds: [1], earlyStopping: true });
    expect(steps.batches[0]).toBe(2);
    expect(steps.batches.at(-1)).toBeLessThan(4);
    expect(steps.released).toBe(1);
  });

  it('tells the leading text, and how much of it stays', async () => {
    const told: { written: readonly number[]; decided: number }[] = [];
    const onBest = (written: readonly number[], decided: number) => told.push({ written, decided });
    const { texts } = await search([[1]], { beams: 3, maxNewTokens: 10, onBest });
    expect(told).toHaveLength(10);
    const written = texts[0]!.slice(1);
    for (const one of told) expect(written.slice(0, one.decided)).toEqual(one.written.slice(0, one.decided));
    expect(told.some(({ decided }) => decided > 0)).toBe(true);
  });

  it('ends a text where a caller says so', async () => {
    const isOver = (written: readonly number[]) => written.length === 2;
    const { texts } = await search([[1]], { beams: 2, maxNewTokens: 9, isOver });
    expect(texts[0]).toHaveLength(3);
  });

  it('needs a token to choose', async () => {
    const steps = drawnSteps(1, VOCABULARY);
    const options = { ...PLAIN, beams: 2, maxNewTokens: 2, suppressed: [0, 1, 2, 3, 4] };
    await expect(decodeByBeams(steps, [[1]], options)).rejects.toMatchObject({ code: 'run/bad-parameter' });
    expect(steps.released).toBe(1);
  });
});

describe('groups of beams', () => {
  it('say the same without diversity, and something else each with much of it', async () => {
    const options = { beams: 4, groups: 4, maxNewTokens: 1, returned: 4 };
    const same = await search([[3]], options);
    expect(new Set(same.texts.map((text) => text[1])).size).toBe(1);
    const diverse = await search([[3]], { ...options, diversity: 100 });
    expect(new Set(diverse.texts.map((text) => text[1])).size).toBe(4);
  });

  it('choose by log-probability minus the penalty, and score by log-probability', async () => {
    const diversity = 0.8;
    const length = 4;
    const { texts, scores } = await search([[3]], {
      beams: 2,
      groups: 2,
      diversity,
      maxNewTokens: length,
      returned: 2,
    });
    // Two groups of one beam: greedy search, and greedy search that pays for the first one's token of the same step.
    const groups: number[][] = [[], []];
    for (let step = 0; step < length; step += 1) {
      const chosen: number[] = [];
      for (const group of groups) {
        const ranks = [...drawnLogits([3, ...group], VOCABULARY)].map(
          (logit, token) => logit - (chosen.includes(token) ? diversity : 0),
        );
        chosen.push(ranks.indexOf(Math.max(...ranks)));
        group.push(chosen.at(-1)!);
      }
    }
    expect(new Set(texts.map((text) => text.slice(1).join()))).toEqual(new Set(groups.map((group) => group.join())));
    for (const [place, text] of texts.entries()) {
      expect(scores[place]).toBeCloseTo(logProbability([3], text.slice(1), VOCABULARY) / length, 5);
    }
  });
});

describe('beams that sample', () => {
  it('repeat themselves by seed and differ between seeds', async () => {
    const options = { beams: 3, maxNewTokens: 8 };
    const drawn = (seed: number) => search([[1]], { ...options, sampling: { temperature: 2, seed } });
    const first = await drawn(1);
    expect(await drawn(1)).toEqual(first);
    const others = await Promise.all([2, 3, 4, 5].map(drawn));
    expect(others.some(({ texts }) => texts[0]!.join() !== first.texts[0]!.join())).toBe(true);
    expect(first.scores[0]).toBeLessThan(0);
  });
});
