import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CandidateSteps } from '../../../src/models/decoding/candidate-steps.ts';
import { type ContrastiveStep, contrastiveSearch, contrastiveSteps } from '../../../src/models/decoding/contrastive.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { type Processor, processorsOf } from '../../../src/models/decoding/processors.ts';
import { candidatesOf, replicatedCandidates } from '../../../src/models/decoding/replicated-candidates.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

const PROMPT = [31, 4, 77];
const RULE = { k: 6, alpha: 0.6, maxNewTokens: 7 };

let model: LanguageModel;
let reader: LanguageModel;
const load = (rows: 'all' | 'last') =>
  fromCheckpoint(join(FIXTURES, 'gpt2_lm'), { model: 'test/gpt2' }, (checkpoint) =>
    LanguageModel.build(gpt2(checkpoint, rows)),
  );
beforeAll(async () => {
  model = await load('last');
  reader = await load('all');
});

const shared = () => candidatesOf(languageSteps(model, { batch: 1 }));
const copied = () => replicatedCandidates(languageSteps(model, { batch: 1 }));

async function all(steps: AsyncIterable<ContrastiveStep>): Promise<ContrastiveStep[]> {
  const found: ContrastiveStep[] = [];
  for await (const step of steps) found.push(step);
  return found;
}

/** By the definition: whole texts read anew, every cosine and probability in JavaScript. */
async function byDefinition(prompt: readonly number[], candidates: readonly number[], alpha: number) {
  const { hidden, head } = await reader.read({ ids: prompt });
  const vocabulary = head!.shape[2]!;
  const width = hidden!.shape[2]!;
  const logits = head!.toFloats().subarray((prompt.length - 1) * vocabulary);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const scores: number[] = [];
  for (const candidate of candidates) {
    const rows = (await reader.read({ ids: [...prompt, candidate] })).hidden!.toFloats();
    const row = (place: number) => rows.subarray(place * width, (place + 1) * width);
    const cosines = prompt.map((_, place) => cosine(row(place), row(prompt.length)));
    scores.push((1 - alpha) * (Math.exp(logits[candidate]!) / total) - alpha * Math.max(...cosines));
  }
  return scores;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, number, place) => sum + number * y[place]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('contrastive search', () => {
  it('scores candidates as the paper defines it', async () => {
    const text = [...PROMPT];
    for (const step of await all(contrastiveSteps(shared(), PROMPT, { ...RULE, prune: false }))) {
      const expected = await byDefinition(text, step.candidates, RULE.alpha);
      expect(step.candidates.length).toBe(RULE.k);
      for (const [place, score] of step.scores.entries()) expect(score).toBeCloseTo(expected[place]!, 4);
      expect(step.scores[step.chosen]).toBe(Math.max(...step.scores));
      text.push(step.candidates[step.chosen]!);
    }
    expect(text.length).toBe(PROMPT.length + RULE.maxNewTokens);
  });

  it.each([0.6, 0.05, 0])(
    'gives the same from a shared past, from copies, and without those that cannot win: alpha %d',
    async (alpha) => {
      const rule = { ...RULE, alpha };
      const expected = await contrastiveSearch(copied(), PROMPT, { ...rule, prune: false });
      expect(await contrastiveSearch(shared(), PROMPT, { ...rule, prune: false })).toEqual(expected);
      expect(await contrastiveSearch(shared(), PROMPT, rule)).toEqual(expected);
    },
  );

  it('does not read candidates that cannot win', async () => {
    const steps = await all(contrastiveSteps(shared(), PROMPT, { ...RULE, alpha: 0 }));
    for (const { penalties, chosen } of steps.slice(0, -1)) {
      expect(penalties.filter((penalty) => penalty !== null)).toHaveLength(1);
      expect(penalties[chosen]).not.toBeNull();
    }
    // Nothing is read after the last.
    expect(steps.at(-1)!.penalties.every((penalty) => penalty === null)).toBe(true);
  });

  it('adds a bonus, and asks for it once a step with what is written', async () => {
    const asked: number[][] = [];
    const bonus = async (candidates: readonly number[], written: readonly number[]) => {
      asked.push([...written]);
      return candidates.map((_, place) => (place === 3 ? 9 : 0));
    };
    const steps = await all(contrastiveSteps(shared(), PROMPT, { ...RULE, maxNewTokens: 3, bonus }));
    expect(steps.map(({ chosen }) => chosen)).toEqual([3, 3, 3]);
    const written = steps.map(({ candidates }) => candidates[3]!);
    expect(asked).toEqual([[], written.slice(0, 1), written.slice(0, 2)]);
  });

  it.each([true, false])('takes no token that processors rule out, whatever its penalty: prune %s', async (prune) => {
    const only = [90, 12];
    const onlyThose: Processor = (scores) => {
      for (const token of scores.keys()) if (!only.includes(token)) scores[token] = Number.NEGATIVE_INFINITY;
    };
    const steps = await all(
      contrastiveSteps(shared(), PROMPT, { ...RULE, alpha: 0.9, prune, processors: [onlyThose] }),
    );
    expect(steps).toHaveLength(RULE.maxNewTokens);
    for (const { candidates, probabilities, penalties, scores } of steps) {
      expect([...candidates].sort((a, b) => b - a)).toEqual(only);
      for (const numbers of [probabilities, penalties, scores]) expect(numbers).toHaveLength(only.length);
      expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 10);
    }
    const nothing = contrastiveSearch(shared(), PROMPT, {
      ...RULE,
      processors: [(scores) => scores.fill(Number.NEGATIVE_INFINITY)],
    });
    await expect(nothing).rejects.toMatchObject({ code: 'native/not-finite' });
  });

  it('takes the one token that is forced', async () => {
    const processors = processorsOf({ forcedLast: [5] }, { promptLength: 3, maxNewTokens: 7, endIds: [] });
    const ids = await contrastiveSearch(shared(), PROMPT, { ...RULE, alpha: 1, processors });
    expect(ids.at(-1)).toBe(5);
  });

  it('ends at an end token', async () => {
    const free = await contrastiveSearch(shared(), PROMPT, RULE);
    const end = free[PROMPT.length + 2]!;
    const first = free.indexOf(end, PROMPT.length);
    const tokens: number[] = [];
    const ended = await contrastiveSearch(shared(), PROMPT, {
      ...RULE,
      endIds: [end],
      onToken: (id) => tokens.push(id),
    });
    expect(ended).toEqual(free.slice(0, first + 1));
    expect([...PROMPT, ...tokens]).toEqual(ended);
  });

  it('refuses what does not fit', async () => {
    const run = (options: object, prompt: readonly number[] = PROMPT) =>
      contrastiveSearch(shared(), prompt, { ...RULE, ...options });
    await expect(run({ k: 151 })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringMatching(/from 1 to 150 candidates/),
    });
    await expect(run({ k: 0 })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(run({ maxNewTokens: model.positions - 2 })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(run({ maxNewTokens: 0 })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(run({}, [])).rejects.toMatchObject({ code: 'model/bad-input' });
    expect(() => replicatedCandidates(languageSteps(model, { batch: 2 }))).toThrow(/one prompt at a time/);
  });

  it('releases what it holds where it is stopped, cancelled or given logits that are no numbers', async () => {
    const watched = (change: Partial<CandidateSteps> = {}) => {
      const steps = { ...shared(), ...change };
      let released = 0;
      return {
        ...steps,
        release: () => {
          released += 1;
          steps.release();
        },
        get released() {
          return released;
        },
      };
    };
    const stopped = watched();
    for await (const _ of contrastiveSteps(stopped, PROMPT, RULE)) break;
    expect(stopped.released).toBe(1);
    const cancelled = watched();
    const control = new AbortController();
    const run = contrastiveSearch(cancelled, PROMPT, {
      ...RULE,
      signal: control.signal,
      onToken: () => control.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(cancelled.released).toBe(1);
    const broken = watched({ begin: async () => Float32Array.of(1, Number.NaN, 2) });
    await expect(contrastiveSearch(broken, PROMPT, { ...RULE, k: 2 })).rejects.toMatchObject({
      code: 'native/not-finite',
    });
    expect(broken.released).toBe(1);
  });
});
