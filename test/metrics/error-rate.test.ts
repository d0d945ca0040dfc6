import { describe, expect, it } from 'vitest';
import { characterErrorRate, wordErrorRate } from '../../src/metrics/error-rate.ts';

describe('error rates', () => {
  it('count edits over the whole corpus, not the mean of texts', () => {
    const texts = [
      { candidate: 'kitten', reference: 'sitting' },
      { candidate: 'ab', reference: 'ab' },
    ];
    expect(characterErrorRate(texts)).toBeCloseTo(3 / 9, 12);
    expect(wordErrorRate(texts)).toBeCloseTo(1 / 2, 12);
  });

  it('count words that are missing, too many and others', () => {
    expect(wordErrorRate([{ candidate: 'the  big cat sat here', reference: 'the cat sits\n' }])).toBeCloseTo(3 / 3, 12);
    expect(wordErrorRate([{ candidate: 'a b c d', reference: 'x' }])).toBe(4);
  });

  it('count code points, with case and punctuation', () => {
    expect(characterErrorRate([{ candidate: '🙂', reference: '🙁!' }])).toBe(1);
    expect(characterErrorRate([{ candidate: 'A', reference: 'a' }])).toBe(1);
    expect(characterErrorRate([{ candidate: '', reference: 'abc' }])).toBe(1);
  });

  it('refuse references of nothing', () => {
    expect(() => characterErrorRate([{ candidate: 'a', reference: '' }])).toThrow(/CER/);
    expect(() => wordErrorRate([])).toThrow(/WER/);
  });
});
