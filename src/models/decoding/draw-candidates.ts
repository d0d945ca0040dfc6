/** Draws candidates without replacement, each time by what the others leave of the distribution: for beams that sample. */
import type { Candidate } from './log-probabilities.ts';

/**
 * At most `count`, in the order in which they were drawn.
 * @param bases added to the scores of each row
 * @param number gives the place in [0, 1) of each draw
 */
export function drawCandidates(
  rows: readonly Float32Array[],
  bases: readonly number[],
  count: number,
  number: (draw: number) => number,
): Candidate[] {
  const all = rows.flatMap((scores, row) => candidatesOf(scores, row, bases[row]!));
  const highest = all.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const weights = all.map(({ score }) => Math.exp(score - highest));
  const drawn: Candidate[] = [];
  while (drawn.length < count) {
    const left = weights.reduce((sum, weight) => sum + weight, 0);
    if (left === 0) break;
    const place = number(drawn.length) * left;
    let sum = 0;
    let chosen = -1;
    for (let index = 0; index < weights.length && !(place < sum); index += 1) {
      if (weights[index] === 0) continue;
      sum += weights[index]!;
      chosen = index;
    }
    drawn.push(all[chosen]!);
    weights[chosen] = 0;
  }
  return drawn;
}

function candidatesOf(scores: Float32Array, row: number, base: number): Candidate[] {
  const found: Candidate[] = [];
  for (let token = 0; token < scores.length; token += 1) {
    const score = Math.fround(scores[token]! + base);
    if (score !== Number.NEGATIVE_INFINITY) found.push({ row, token, score });
  }
  return found;
}
