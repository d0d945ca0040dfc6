import { describe, expect, it } from 'vitest';
import { drawNumber } from '../../../src/models/decoding/draw-number.ts';
import { decodeBySampling, drawToken, type SamplingOptions } from '../../../src/models/decoding/sampling.ts';
import { sample } from '../../../src/native/choices.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { drawnLogits, drawnSteps } from './drawn-steps.ts';

const VOCABULARY = 40;
const RULES = { endIds: [], padId: 0, maxNewTokens: 12 };

const draw = (prompts: number[][], options: Partial<SamplingOptions> & { seed: number }) =>
  decodeBySampling(drawnSteps(prompts.length, VOCABULARY), prompts, { ...RULES, ...options });

describe('sampling', () => {
  it('draws the tokens that the native operator draws by the same seed', async () => {
    const settings = { temperature: 1.5, topK: 12, topP: 0.8, repetitionPenalty: 1.3 };
    const prompts = [
      [1, 2],
      [3, 4],
    ];
    const ours = await draw(prompts, { ...settings, seed: 11 });
    const theirs = prompts.map((row) => [...row]);
    for (let step = 0; step < RULES.maxNewTokens; step += 1) {
      const data = Float32Array.from(theirs.flatMap((text) => [...drawnLogits(text, VOCABULARY)]));
      using logits = Tensor.from(data, [2, VOCABULARY]);
      const tokens = await sample(logits, { ...settings, histories: theirs, seed: 11, draw: step });
      for (const [index, token] of tokens.entries()) theirs[index]!.push(token);
    }
    expect(ours).toEqual(theirs);
  });

  it('repeats itself by seed and differs between seeds', async () => {
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => draw([[5]], { seed })));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('draws as often as a token is probable', () => {
    const scores = Float32Array.of(Math.log(0.5), Math.log(0.3), Number.NEGATIVE_INFINITY, Math.log(0.2));
    const counts = [0, 0, 0, 0];
    for (let step = 0; step < 4000; step += 1) counts[drawToken(scores, drawNumber(3, step, 0))]! += 1;
    for (const [token, share] of [0.5, 0.3, 0, 0.2].entries()) expect(counts[token]! / 4000).toBeCloseTo(share, 1);
    expect(drawToken(scores, 1 - 2 ** -53)).toBe(3);
  });

  it('ends a text where a caller says so, and fills it while others go on', async () => {
    const isOver = (written: readonly number[]) => written.length === 3;
    const texts = await draw([[5]], { seed: 1, isOver });
    expect(texts[0]).toHaveLength(4);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses logits that are %s', async (wrong) => {
    const steps = drawnSteps(1, 3, () => Float32Array.of(0, wrong, 1));
    await expect(decodeBySampling(steps, [[1]], { ...RULES, seed: 0 })).rejects.toMatchObject({
      code: 'native/not-finite',
      message: expect.stringContaining('token 1'),
    });
    expect(steps.released).toBe(1);
  });
});
