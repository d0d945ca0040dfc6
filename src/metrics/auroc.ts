/**
 * Area under the receiver operating characteristic, as Hateful Memes and other two-class sets are scored: how probable it is
 * that a positive one scores above a negative one, ties counting half (the Mann-Whitney statistic; Fawcett, An Introduction
 * to ROC Analysis, 2006).
 */
import { WeftError } from '../errors.ts';

export interface ScoredExample {
  readonly score: number;
  readonly isPositive: boolean;
}

/** In [0, 1], 0.5 by chance. Throws `metric/bad-input` unless both classes are there and every score is a number. */
export function auroc(examples: readonly ScoredExample[]): number {
  const positives = examples.filter(({ isPositive }) => isPositive).length;
  const negatives = examples.length - positives;
  if (positives === 0 || negatives === 0) {
    const received = `${positives} positive and ${negatives} negative ones`;
    throw new WeftError('metric/bad-input', { metric: 'AUROC', expected: 'examples of both classes', received });
  }
  const unscored = examples.findIndex(({ score }) => Number.isNaN(score));
  if (unscored >= 0) {
    const received = `NaN for example ${unscored + 1}`;
    throw new WeftError('metric/bad-input', { metric: 'AUROC', expected: 'scores that are numbers', received });
  }
  const sorted = examples.toSorted((a, b) => a.score - b.score);
  let below = 0;
  let wins = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    let tiedPositives = 0;
    for (; end < sorted.length && sorted[end]!.score === sorted[start]!.score; end += 1) {
      if (sorted[end]!.isPositive) tiedPositives += 1;
    }
    const tiedNegatives = end - start - tiedPositives;
    wins += tiedPositives * (below + tiedNegatives / 2);
    below += tiedNegatives;
    start = end;
  }
  return wins / (positives * negatives);
}
