import { describe, expect, it } from 'vitest';
import { bleu } from '../../src/metrics/bleu.ts';
import { EXPECTED, TOKENS } from './coco-fixture.ts';

describe('bleu', () => {
  it('says what the scorer of COCO says, of the corpus and of each caption', () => {
    const { corpus, captions } = bleu(TOKENS);
    expect(captions).toHaveLength(36);
    for (const [order, score] of corpus.entries()) expect(score).toBeCloseTo(EXPECTED.bleu.corpus[order]!, 12);
    for (const [index, scores] of captions.entries()) {
      for (const [order, score] of scores.entries()) {
        expect(score).toBeCloseTo(EXPECTED.bleu.captions[index]![order]!, 12);
      }
    }
  });

  it('takes the shorter of two references that are as close', () => {
    const caption = { candidate: ['a', 'b'], references: [['a', 'b', 'c'], ['a']] };
    expect(bleu([caption]).corpus[0]).toBeCloseTo(1, 8);
  });

  it('refuses a corpus of nothing, and a caption without references', () => {
    expect(() => bleu([])).toThrow(/at least one caption to compute BLEU/);
    expect(() => bleu([TOKENS[0]!, { candidate: ['a'], references: [] }])).toThrow(/reference for caption 2/);
  });
});
