import { describe, expect, it } from 'vitest';
import { ciderD } from '../../src/metrics/cider-d.ts';
import { EXPECTED, TOKENS } from './coco-fixture.ts';

describe('ciderD', () => {
  it('says what the scorer of COCO says, of the corpus and of each caption', () => {
    const { corpus, captions } = ciderD(TOKENS);
    expect(corpus).toBeCloseTo(EXPECTED.ciderD.corpus, 10);
    expect(captions).toHaveLength(36);
    for (const [index, score] of captions.entries()) expect(score).toBeCloseTo(EXPECTED.ciderD.captions[index]!, 10);
  });

  it('scores 10 for the only reference, word by word, and 0 where nothing is rare', () => {
    const words = (text: string) => text.split(' ');
    const same = (text: string) => ({ candidate: words(text), references: [words(text)] });
    const { captions } = ciderD([same('one red cat sleeps'), same('two blue dogs play')]);
    expect(captions[0]).toBeCloseTo(10, 10);
    expect(ciderD([same('one red cat sleeps')]).corpus).toBe(0);
  });

  it('refuses a corpus of nothing', () => {
    expect(() => ciderD([])).toThrow(/CIDEr-D/);
  });
});
