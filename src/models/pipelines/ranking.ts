/** Scores of classes as tasks give them: probabilities from logits, names beside them, best first. Knows no family. */
import { activate, softmax } from '../../native/rows.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ScoreEntry, ScoresValue } from '../../protocol/value.ts';
import type { TaskOptions } from './task.ts';

/**
 * Probabilities of logits [..., classes], as one row after the other: `softmax` where one class is true, `sigmoid` where
 * each may be. Lets go of the logits. Rejects with `native/out-of-memory`, `run/cancelled`.
 */
export async function probabilities(
  logits: Tensor,
  kind: 'softmax' | 'sigmoid',
  { signal }: TaskOptions = {},
): Promise<Float32Array> {
  using given = logits;
  using result = await (kind === 'softmax' ? softmax(given, { signal }) : activate(given, 'sigmoid', { signal }));
  return result.toFloats();
}

/** Entries of the best scores, best first; equal ones in their order. */
export function best(scores: Float32Array, nameOf: (place: number) => string, most = scores.length): ScoreEntry[] {
  // Typed arrays sort their numbers natively: what is below the last of the best need not be looked at.
  const least = scores.length > most ? scores.toSorted()[scores.length - most]! : Number.NEGATIVE_INFINITY;
  const places: number[] = [];
  for (const [place, score] of scores.entries()) if (score >= least) places.push(place);
  places.sort((one, other) => scores[other]! - scores[one]! || one - other);
  return places.slice(0, most).map((place) => ({ label: nameOf(place), score: scores[place]! }));
}

/** Probabilities with their names, best first. */
export function rankedScores(scores: Float32Array, names: readonly string[], subject?: string): ScoresValue {
  const entries = best(scores, (place) => names[place]!);
  return { kind: 'Scores', entries, normalized: true, ...(subject === undefined ? {} : { subject }) };
}
