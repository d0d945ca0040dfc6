import { describe, expect, it } from 'vitest';
import { best, probabilities, rankedScores } from '../../../src/models/pipelines/ranking.ts';
import { Tensor } from '../../../src/native/tensor.ts';

const LETTERS = ['a', 'b', 'c', 'd'];
const nameOf = (place: number) => LETTERS[place]!;

describe('best', () => {
  it('gives the highest scores, equal ones in their order', () => {
    const scores = Float32Array.of(0.25, 0.5, 0.25, 0);
    expect(best(scores, nameOf, 2)).toEqual([
      { label: 'b', score: 0.5 },
      { label: 'a', score: 0.25 },
    ]);
    expect(best(scores, nameOf).map(({ label }) => label)).toEqual(['b', 'a', 'c', 'd']);
    expect(best(scores, nameOf, 9)).toHaveLength(4);
  });
});

describe('rankedScores', () => {
  it('names its subject where there is one', () => {
    expect(rankedScores(Float32Array.of(0, 1), LETTERS)).not.toHaveProperty('subject');
    expect(rankedScores(Float32Array.of(0, 1), LETTERS, 'x')).toMatchObject({ subject: 'x', normalized: true });
  });
});

describe('probabilities', () => {
  it('are shares of each row, or each of its own, and let go of the logits', async () => {
    const logits = Tensor.from(Float32Array.of(0, Math.log(3), 5, 5), [2, 2]);
    const shares = await probabilities(logits, 'softmax');
    expect([...shares]).toEqual([0.25, 0.75, 0.5, 0.5].map((share) => expect.closeTo(share, 5)));
    expect(() => logits.toFloats()).toThrow(expect.objectContaining({ code: 'native/released' }));
    const [own] = await probabilities(Tensor.from(Float32Array.of(0), [1, 1]), 'sigmoid');
    expect(own).toBe(0.5);
  });
});
