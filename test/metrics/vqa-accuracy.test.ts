import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ScoredCaption } from '../../src/metrics/scored-caption.ts';
import { vqaAccuracy } from '../../src/metrics/vqa-accuracy.ts';
import { normalizeAnswer } from '../../src/metrics/vqa-answer.ts';

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../fixtures/metrics/${name}.json`, import.meta.url), 'utf8'));
}

/** Both written by tools/fixtures/vqa_accuracy.py, with the original evaluation. */
const { questions } = read<{ readonly questions: readonly ScoredCaption[] }>('answers');
const EXPECTED = read<{
  readonly accuracy: number;
  readonly questions: readonly number[];
  readonly words: Readonly<Record<string, string>>;
}>('vqa');

describe('normalizeAnswer', () => {
  it.each(Object.entries(EXPECTED.words))('makes of %j what the evaluation of VQA makes', (word, normal) => {
    expect(normalizeAnswer(word)).toBe(normal);
  });
});

describe('vqaAccuracy', () => {
  it('says what the evaluation of VQA says, of all questions and of each', () => {
    const { corpus, captions } = vqaAccuracy(questions);
    expect(captions).toHaveLength(EXPECTED.questions.length);
    for (const [index, score] of captions.entries()) expect(score).toBeCloseTo(EXPECTED.questions[index]!, 9);
    expect(corpus).toBeCloseTo(EXPECTED.accuracy, 9);
  });

  it('counts three others as enough: 0, 0.3, 0.6, 0.9 and 1 for 0 to 4 of ten people', () => {
    const people = (matches: number) =>
      Array.from({ length: 10 }, (_, index) => (index < matches ? 'cat' : `${index}`));
    const scores = [0, 1, 2, 3, 4].map((n) => vqaAccuracy([{ candidate: 'cat', references: people(n) }]).corpus);
    for (const [index, score] of scores.entries()) expect(score).toBeCloseTo([0, 0.3, 0.6, 0.9, 1][index]!, 12);
  });

  it('refuses a question that nobody answered', () => {
    expect(() => vqaAccuracy([{ candidate: 'cat', references: [] }])).toThrow(/VQA accuracy/);
  });
});
