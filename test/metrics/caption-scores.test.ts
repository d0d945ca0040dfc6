import { describe, expect, it } from 'vitest';
import { scoreCaptions } from '../../src/metrics/caption-scores.ts';
import { CAPTIONS, EXPECTED } from './coco-fixture.ts';

describe('scoreCaptions', () => {
  it('says of plain captions what the scorer of COCO says', () => {
    const scores = scoreCaptions(CAPTIONS);
    for (const [order, score] of scores.bleu.entries()) expect(score).toBeCloseTo(EXPECTED.bleu.corpus[order]!, 12);
    expect(scores.rougeL).toBeCloseTo(EXPECTED.rougeL.corpus, 12);
    expect(scores.ciderD).toBeCloseTo(EXPECTED.ciderD.corpus, 10);
  });

  it('refuses a corpus of nothing', () => {
    expect(() => scoreCaptions([])).toThrow(/Expected at least one caption/);
  });
});
