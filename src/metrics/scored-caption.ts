/** What caption metrics compare, and what they all refuse. Knows no metric and no tokenizer. */
import { WeftError } from '../errors.ts';

/** A caption as it was written, beside what people wrote about the same picture. */
export interface ScoredCaption {
  readonly candidate: string;
  /** At least one. */
  readonly references: readonly string[];
}

/** The same as tokens, as `tokenizeCaption` makes them. */
export interface ScoredTokens {
  readonly candidate: readonly string[];
  readonly references: readonly (readonly string[])[];
}

/** A metric of a corpus and of each of its captions, in order. */
export interface CorpusScore {
  readonly corpus: number;
  readonly captions: readonly number[];
}

/** Throws `metric/bad-input` for no captions, and for one without a reference. */
export function checkReferences(
  metric: string,
  captions: readonly { readonly references: readonly unknown[] }[],
): void {
  if (captions.length === 0) {
    throw new WeftError('metric/bad-input', { metric, expected: 'at least one caption', received: 'none' });
  }
  const bare = captions.findIndex(({ references }) => references.length === 0);
  if (bare < 0) return;
  const expected = `at least one reference for caption ${bare + 1}`;
  throw new WeftError('metric/bad-input', { metric, expected, received: 'none' });
}

export function meanOf(captions: readonly number[]): CorpusScore {
  return { corpus: captions.reduce((sum, score) => sum + score, 0) / captions.length, captions };
}
