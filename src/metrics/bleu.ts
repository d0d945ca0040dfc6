/**
 * BLEU of 1 to 4 tokens, of a corpus and of each caption, as the scorer of COCO's captions has it: every candidate is
 * compared with the reference closest to it in length (of two as close, the shorter).
 * Source: Papineni et al., BLEU: a Method for Automatic Evaluation of Machine Translation (2002), section 2.
 * Takes tokens; must not tokenize.
 */
import { countNgrams } from './ngrams.ts';
import { checkReferences, type ScoredTokens } from './scored-caption.ts';

const LONGEST = 4;
/** Added to what is divided and to its divisor: no n-gram at all scores 0, and nothing is divided by 0. */
const MATCHED_FLOOR = 1e-15;
const WRITTEN_FLOOR = 1e-9;

export interface BleuScores {
  /** BLEU-1 to BLEU-4 of all captions together: their counts are added up before anything is divided. */
  readonly corpus: readonly number[];
  /** BLEU-1 to BLEU-4 of each caption. */
  readonly captions: readonly (readonly number[])[];
}

interface Counts {
  readonly candidateLength: number;
  readonly referenceLength: number;
  /** Entry n - 1: how many n-grams were written, and how many of them are in a reference. */
  readonly written: readonly number[];
  readonly matched: readonly number[];
}

/** Throws `metric/bad-input`. */
export function bleu(captions: readonly ScoredTokens[]): BleuScores {
  checkReferences('BLEU', captions);
  const counts = captions.map(count);
  return { corpus: scores(counts.reduce(sum)), captions: counts.map(scores) };
}

function count({ candidate, references }: ScoredTokens): Counts {
  const inReferences = references.map((reference) => countNgrams(reference, LONGEST));
  const matched = countNgrams(candidate, LONGEST).map((ngrams, order) => {
    let matches = 0;
    for (const [ngram, times] of ngrams) {
      const most = Math.max(...inReferences.map((orders) => orders[order]!.get(ngram) ?? 0));
      matches += Math.min(times, most);
    }
    return matches;
  });
  return {
    candidateLength: candidate.length,
    referenceLength: closestLength(
      candidate.length,
      references.map((reference) => reference.length),
    ),
    written: matched.map((_, order) => Math.max(0, candidate.length - order)),
    matched,
  };
}

function closestLength(length: number, references: readonly number[]): number {
  return references.reduce((best, other) => {
    const nearer = Math.abs(other - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && other < best) ? other : best;
  });
}

function sum(left: Counts, right: Counts): Counts {
  return {
    candidateLength: left.candidateLength + right.candidateLength,
    referenceLength: left.referenceLength + right.referenceLength,
    written: left.written.map((number, order) => number + right.written[order]!),
    matched: left.matched.map((number, order) => number + right.matched[order]!),
  };
}

/** The geometric mean of the precisions of 1 to n tokens, for n = 1 to 4, times the penalty of texts that are too short. */
function scores({ candidateLength, referenceLength, written, matched }: Counts): number[] {
  const ratio = (candidateLength + MATCHED_FLOOR) / (referenceLength + WRITTEN_FLOOR);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return matched.map((matches, order) => {
    product *= (matches + MATCHED_FLOOR) / (written[order]! + WRITTEN_FLOOR);
    return product ** (1 / (order + 1)) * brevity;
  });
}
