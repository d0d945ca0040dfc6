import { describe, expect, it } from 'vitest';
import { rougeL } from '../../src/metrics/rouge-l.ts';
import { EXPECTED, TOKENS } from './coco-fixture.ts';

describe('rougeL', () => {
  it('says what the scorer of COCO says, of the corpus and of each caption', () => {
    const { corpus, captions } = rougeL(TOKENS);
    expect(corpus).toBeCloseTo(EXPECTED.rougeL.corpus, 12);
    expect(captions).toHaveLength(36);
    for (const [index, score] of captions.entries()) expect(score).toBeCloseTo(EXPECTED.rougeL.captions[index]!, 12);
  });

  it('joins the best precision with the best recall, also of two references', () => {
    const references = [
      ['a', 'b'],
      ['a', 'x', 'b', 'y', 'c', 'z'],
    ];
    const { corpus } = rougeL([{ candidate: ['a', 'b', 'c'], references }]);
    // Precision 3/3 with the second, recall 2/2 with the first.
    expect(corpus).toBeCloseTo(1, 12);
  });

  it('refuses a corpus of nothing', () => {
    expect(() => rougeL([])).toThrow(/ROUGE-L/);
  });
});
