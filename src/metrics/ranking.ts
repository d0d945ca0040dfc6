/** How high the right one stands: accuracy of classifiers (top-k) and recall of retrieval (R@k). */
import { WeftError } from '../errors.ts';

/** One question: scores of all candidates, and which of them are right. */
export interface RankedQuery {
  readonly scores: ArrayLike<number>;
  /** Indices of candidates, at least one. */
  readonly right: readonly number[];
}

/**
 * The share of queries that have a right candidate among the `count` best: top-1 and top-5 accuracy with one right class,
 * R@k with the five captions of a picture. Of equal scores the earlier candidate is the better one.
 * Throws `metric/bad-input` for no queries, for one without a right candidate, and for a score that is not a number.
 */
export function recallAt(count: number, queries: readonly RankedQuery[]): number {
  const metric = `R@${count}`;
  if (queries.length === 0) refuse(metric, 'at least one query', 'none');
  const met = queries.filter(({ scores, right }, index) => {
    if (right.length === 0) refuse(metric, `a right candidate for query ${index + 1}`, 'none');
    return Math.min(...right.map((candidate) => rankOf(metric, candidate, scores))) < count;
  });
  return met.length / queries.length;
}

/** How many candidates are better, from 0. */
function rankOf(metric: string, candidate: number, scores: ArrayLike<number>): number {
  const own = scores[candidate];
  if (own === undefined) refuse(metric, `candidates below ${scores.length}`, String(candidate));
  let better = 0;
  for (let other = 0; other < scores.length; other += 1) {
    const score = scores[other]!;
    if (Number.isNaN(score)) refuse(metric, 'scores that are numbers', `NaN at candidate ${other}`);
    if (score > own || (score === own && other < candidate)) better += 1;
  }
  return better;
}

function refuse(metric: string, expected: string, received: string): never {
  throw new WeftError('metric/bad-input', { metric, expected, received });
}
