import { describe, expect, it } from 'vitest';
import { likeliest } from '../../../src/models/decoding/likeliest.ts';

describe('likeliest tokens', () => {
  it('are those that sorting finds, with probabilities over the whole vocabulary', () => {
    const logits = Float32Array.from({ length: 997 }, (_, token) => Math.sin(token * token) * 5);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const sorted = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
    for (const k of [1, 2, 45, 997]) {
      const { tokens, probabilities } = likeliest(logits, k, 'test');
      expect(tokens).toEqual(sorted.slice(0, k));
      for (const [place, p] of probabilities.entries())
        expect(p).toBeCloseTo(Math.exp(logits[tokens[place]!]!) / total, 10);
    }
  });

  it('are the first ones of equal logits', () => {
    expect(likeliest(Float32Array.of(1, 3, 3, 0, 3, 1), 4, 'test').tokens).toEqual([1, 2, 4, 0]);
    expect(likeliest(new Float32Array(9), 3, 'test').tokens).toEqual([0, 1, 2]);
  });

  it('may have others at minus infinity, but need a distribution', () => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(likeliest(Float32Array.of(low, 0, low), 2, 'test')).toEqual({ tokens: [1, 0], probabilities: [1, 0] });
    for (const logits of [
      [0, Number.NaN],
      [low, low],
      [high, 0],
    ]) {
      expect(() => likeliest(Float32Array.from(logits), 1, 'test')).toThrow(/hold NaN or infinite/);
    }
  });
});
