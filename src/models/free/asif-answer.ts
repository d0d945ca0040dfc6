/** What ASIF says about one query: candidates by their score, and the anchors that an answer comes from. Pure. */
import type { RelativeRows } from './asif.ts';

/** An anchor that query and answer share. */
export interface SharedAnchor {
  readonly place: number;
  /** What it adds to the score: the product of both sides' numbers. All of them add up to the score. */
  readonly contribution: number;
  /** Cosines of the anchor's two halves with query and answer. */
  readonly querySimilarity: number;
  readonly answerSimilarity: number;
}

/** Those that add most, best first; at most `most`. */
export function sharedAnchors(
  query: RelativeRows,
  answer: { readonly rows: RelativeRows; readonly row: number },
  most: number,
): readonly SharedAnchor[] {
  const { rows, row } = answer;
  const first = row * rows.best;
  const byPlace = new Map(Array.from({ length: rows.best }, (_, i) => [rows.places[first + i]!, first + i] as const));
  const shared: SharedAnchor[] = [];
  for (let i = 0; i < query.best; i += 1) {
    const at = byPlace.get(query.places[i]!);
    const contribution = at === undefined ? 0 : query.values[i]! * rows.values[at]!;
    if (at === undefined || contribution === 0) continue;
    shared.push({
      place: query.places[i]!,
      contribution,
      querySimilarity: query.similarities[i]!,
      answerSimilarity: rows.similarities[at]!,
    });
  }
  return shared.sort((a, b) => b.contribution - a.contribution || a.place - b.place).slice(0, most);
}

export interface RankedLabel {
  readonly label: string;
  readonly score: number;
  /** Which of the candidates gave the score. */
  readonly row: number;
}

/**
 * The best of all candidates decides, then its label: a label with many prompts has the score of the best of them. Best
 * first; of equal scores the earlier candidate.
 */
export function rankLabels(scores: ArrayLike<number>, labels: readonly string[]): readonly RankedLabel[] {
  const best = new Map<string, RankedLabel>();
  for (const [row, label] of labels.entries()) {
    const score = scores[row]!;
    const known = best.get(label);
    if (known === undefined || score > known.score) best.set(label, { label, score, row });
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.row - b.row);
}
