/** Logits to log-probabilities, and the best few of many scores. Pure; knows no strategy. */

/** In place, as torch's log-softmax gives them in float32. */
export function toLogProbabilities(scores: Float32Array): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < scores.length; token += 1) if (scores[token]! > highest) highest = scores[token]!;
  let sum = 0;
  for (let token = 0; token < scores.length; token += 1) sum += Math.exp(scores[token]! - highest);
  const shift = highest + Math.log(sum);
  for (let token = 0; token < scores.length; token += 1) scores[token] = scores[token]! - shift;
}

export interface Candidate {
  /** The row that it continues. */
  readonly row: number;
  readonly token: number;
  /** Float32, what is added to a row's scores included. */
  readonly score: number;
}

/**
 * The `count` best, best first; of equal ones the earlier row and token. Impossible ones (-Infinity) are left out.
 * @param bases added to the scores of each row
 */
export function bestCandidates(rows: readonly Float32Array[], bases: readonly number[], count: number): Candidate[] {
  const best: Candidate[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const [row, scores] of rows.entries()) {
    const base = bases[row]!;
    for (let token = 0; token < scores.length; token += 1) {
      const score = Math.fround(scores[token]! + base);
      if (score <= least) continue;
      const place = best.findLastIndex((other) => other.score >= score) + 1;
      best.splice(place, 0, { row, token, score });
      if (best.length > count) best.pop();
      if (best.length === count) least = best[count - 1]!.score;
    }
  }
  return best;
}
