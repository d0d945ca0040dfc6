import { describe, expect, it } from 'vitest';
import type { RelativeRows } from '../../../src/models/free/asif.ts';
import { rankLabels, sharedAnchors } from '../../../src/models/free/asif-answer.ts';

function rows(places: number[], values: number[], best: number): RelativeRows {
  const similarities = Float32Array.from(values, (value) => value / 10);
  return {
    rows: places.length / best,
    best,
    places: Int32Array.from(places),
    values: Float32Array.from(values),
    similarities,
  };
}

describe('answers of ASIF', () => {
  it('come from shared anchors, whose contributions add up to the score', () => {
    const query = rows([7, 3, 5], [4, 3, 2], 3);
    const answers = rows([1, 2, 3, 5, 9, 7], [9, 9, 9, 1, 8, 2], 3);
    expect(sharedAnchors(query, { rows: answers, row: 1 }, 5)).toEqual([
      { place: 7, contribution: 8, querySimilarity: Math.fround(0.4), answerSimilarity: Math.fround(0.2) },
      { place: 5, contribution: 2, querySimilarity: Math.fround(0.2), answerSimilarity: Math.fround(0.1) },
    ]);
    expect(sharedAnchors(query, { rows: answers, row: 0 }, 5).map(({ contribution }) => contribution)).toEqual([27]);
    expect(sharedAnchors(query, { rows: answers, row: 1 }, 1).map(({ place }) => place)).toEqual([7]);
  });

  it('are the labels of the best prompts, not of the best mean', () => {
    const ranked = rankLabels([0.4, 0.4, 0.1, 0.7, 0.4], ['cat', 'cat', 'dog', 'dog', 'bird']);
    expect(ranked).toEqual([
      { label: 'dog', score: 0.7, row: 3 },
      { label: 'cat', score: 0.4, row: 0 },
      { label: 'bird', score: 0.4, row: 4 },
    ]);
  });
});
