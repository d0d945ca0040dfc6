import { describe, expect, it } from 'vitest';
import type { CandidateSteps } from '../../../src/models/decoding/candidate-steps.ts';
import { type MagicOptions, type MagicStep, magicSteps } from '../../../src/models/free/magic-steps.ts';
import { complaints, runFixture } from '../families/parity-fixture.ts';

describe('MaGiC against the published procedure', () => {
  it.each(['magic_k5', 'magic_k45'])('%s, the fast way and its own', async (name) => {
    const outcomes = await runFixture(name);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.filter(({ status }) => status === 'passed')).toHaveLength(22);
  });

  it('keeps the picture in lower precisions', async () => {
    for (const precision of ['bf16', 'int8'] as const) {
      const outcomes = await runFixture('magic_k5', precision);
      expect(outcomes.map(({ status }) => status)).toEqual(['passed', 'skipped']);
    }
  });
});

/** Token v is likelier the higher it is; its penalty is v / 10. */
const VOCABULARY = 6;
function steps(): CandidateSteps & { readonly compared: number[][]; released: number } {
  const logits = () => Float32Array.from({ length: VOCABULARY }, (_, token) => token);
  const made = {
    name: 'test/language',
    positions: 20,
    compared: [] as number[][],
    released: 0,
    begin: async () => logits(),
    async compare(tokens: readonly number[]) {
      made.compared.push([...tokens]);
      return Float32Array.from(tokens, (token) => token / 10);
    },
    take: async () => logits(),
    release() {
      made.released += 1;
    },
  };
  return made;
}

const options = (change: Partial<MagicOptions> = {}): MagicOptions => ({
  steps: steps(),
  ...{ prompt: [0], maxNewTokens: 3, endIds: [], k: 3, alpha: 0.1, beta: 2, scale: 100 },
  continuations: (ids, next) => next.map((token) => [...ids, token].join(' ')),
  fit: { cosines: async (texts) => texts.map((text) => (text.endsWith('4') ? 0.3 : 0.2)), release() {} },
  ...change,
});

async function all(change: Partial<MagicOptions> = {}): Promise<MagicStep[]> {
  const found: MagicStep[] = [];
  for await (const step of magicSteps(options(change))) found.push(step);
  return found;
}

describe('MaGiC', () => {
  it('lets the picture decide among the likeliest tokens, by a softmax over them', async () => {
    const [first] = await all();
    expect(first!.candidates).toEqual([5, 4, 3]);
    expect(first!.chosen).toBe(1);
    const others = Math.exp(-10);
    expect(first!.magic[1]).toBeCloseTo(1 / (1 + 2 * others), 6);
    expect(first!.magic[0]).toBeCloseTo(others / (1 + 2 * others), 6);
    expect(first!.scores[1]).toBeCloseTo(0.9 * first!.probabilities[1]! - 0.1 * 0.4 + 2 * first!.magic[1]!, 6);
  });

  it('reads no candidate that cannot win, and nothing after the end', async () => {
    const language = steps();
    const found = await all({ steps: language, endIds: [4] });
    expect(found).toHaveLength(1);
    expect(language.compared).toEqual([]);
    expect(language.released).toBe(1);
    const reference = steps();
    expect(await all({ steps: reference, endIds: [4], mode: 'reference' })).toHaveLength(3);
    expect(reference.compared).toEqual([
      [5, 4, 3],
      [5, 4, 3],
      [5, 4, 3],
    ]);
  });

  it('compares the picture with the last tokens of the text', async () => {
    const found = await all({ textTokens: 2 });
    expect(found[2]!.texts).toEqual(['4 5', '4 4', '4 3']);
    expect((await all({ textTokens: 1 }))[2]!.texts).toEqual(['5', '4', '3']);
  });

  it('lets go of both models, and refuses cosines that are no numbers', async () => {
    let released = 0;
    const language = steps();
    const fit = {
      cosines: async () => [0, Number.NaN, 0],
      release() {
        released += 1;
      },
    };
    await expect(all({ steps: language, fit })).rejects.toMatchObject({ code: 'native/not-finite' });
    expect([language.released, released]).toEqual([1, 1]);
  });
});
