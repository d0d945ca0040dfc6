/**
 * ROUGE-L of captions as the scorer of COCO's captions has it: precision and recall of the longest common subsequence, each
 * the best over all references, joined with beta = 1.2; a corpus scores the mean of its captions.
 * Source: Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004), equations 2 to 4.
 * Takes tokens; must not tokenize.
 */
import { type CorpusScore, checkReferences, meanOf, type ScoredTokens } from './scored-caption.ts';

const BETA = 1.2;

/** Throws `metric/bad-input`. */
export function rougeL(captions: readonly ScoredTokens[]): CorpusScore {
  checkReferences('ROUGE-L', captions);
  return meanOf(captions.map(score));
}

function score({ candidate, references }: ScoredTokens): number {
  const written = orEmptyToken(candidate);
  let precision = 0;
  let recall = 0;
  for (const reference of references.map(orEmptyToken)) {
    const common = commonLength(written, reference);
    precision = Math.max(precision, common / written.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0 || recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
}

/** The scorer reads a text of nothing as one empty token, so that two such texts agree. */
function orEmptyToken(tokens: readonly string[]): readonly string[] {
  return tokens.length === 0 ? [''] : tokens;
}

/** Tokens of the longest common subsequence, row by row of the usual table. */
function commonLength(left: readonly string[], right: readonly string[]): number {
  let above = new Array<number>(right.length + 1).fill(0);
  for (const token of left) {
    const row = [0];
    for (const [index, other] of right.entries()) {
      row.push(token === other ? above[index]! + 1 : Math.max(above[index + 1]!, row[index]!));
    }
    above = row;
  }
  return above.at(-1)!;
}
