import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { scoreTexts } from '../../../src/models/decoding/score-texts.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

const PROMPT = [31, 4, 77];
/** Two begin alike, one is long, one is the beginning of another. */
const TEXTS = [
  [9, 12, 5],
  [9, 12],
  [9, 64, 7, 3, 8],
  [9, 2],
];
const VOCABULARY = 150;

let reader: LanguageModel;
let writer: LanguageModel;
const load = (rows: 'all' | 'last') =>
  fromCheckpoint(join(FIXTURES, 'gpt2_lm'), { model: 'test/gpt2' }, (checkpoint) =>
    LanguageModel.build(gpt2(checkpoint, rows)),
  );
beforeAll(async () => {
  reader = await load('all');
  writer = await load('last');
});

/** By reading the whole text at once. */
async function expected(text: readonly number[]): Promise<number> {
  const ids = [...PROMPT, ...text];
  const logits = (await reader.read({ ids })).head!.toFloats();
  return text.reduce((sum, token, place) => {
    const row = logits.subarray((PROMPT.length + place - 1) * VOCABULARY, (PROMPT.length + place) * VOCABULARY);
    return sum + row[token]! - Math.log(row.reduce((all, one) => all + Math.exp(one), 0));
  }, 0);
}

/** Without what a tree could share. */
const copied = () => {
  const { branches: _, ...steps } = languageSteps(writer, { batch: 1 });
  return steps;
};

describe('scores of a closed list of texts', () => {
  it.each([
    ['a shared past', () => languageSteps(writer, { batch: 1 })],
    ['copies of it', copied],
  ])('are those of whole texts, over %s', async (_, steps) => {
    const scores = await scoreTexts(steps(), PROMPT, TEXTS);
    const means = await scoreTexts(steps(), PROMPT, TEXTS, { perToken: true });
    for (const [place, text] of TEXTS.entries()) {
      const whole = await expected(text);
      expect(scores[place]).toBeCloseTo(whole, 4);
      expect(means[place]).toBeCloseTo(whole / text.length, 4);
    }
  });

  it('reads more texts than fit into one go', async () => {
    const texts = Array.from({ length: 70 }, (_, index) => [index, 5, 6]);
    const scores = await scoreTexts(languageSteps(writer, { batch: 1 }), PROMPT, texts);
    for (const place of [0, 40, 69]) expect(scores[place]).toBeCloseTo(await expected(texts[place]!), 4);
  });

  it.each([[[]], [[[3], []]], [[Array.from({ length: 5000 }, () => 1)]]])(
    'refuses texts that cannot be read: %#',
    async (texts) => {
      await expect(scoreTexts(languageSteps(writer, { batch: 1 }), PROMPT, texts)).rejects.toMatchObject({
        code: 'model/bad-input',
      });
    },
  );
});
