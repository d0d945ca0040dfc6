/**
 * All scores of COCO's captions at once, from plain texts: tokens as its scorer makes them, then BLEU, ROUGE-L and CIDEr-D.
 * METEOR and SPICE are not here: METEOR needs its table of paraphrases and WordNet, SPICE a parser and WordNet, and neither
 * may be shipped with this package.
 */
import { bleu } from './bleu.ts';
import { ciderD } from './cider-d.ts';
import { rougeL } from './rouge-l.ts';
import { checkReferences, type ScoredCaption } from './scored-caption.ts';
import { tokenizeCaption } from './tokenize-caption.ts';

export interface CaptionScores {
  /** BLEU-1 to BLEU-4, in [0, 1]. */
  readonly bleu: readonly number[];
  /** In [0, 1]. */
  readonly rougeL: number;
  /** In [0, 10]: 1.0 is what papers print as 100. */
  readonly ciderD: number;
}

/** Throws `metric/bad-input` for no captions, and for one without a reference. */
export function scoreCaptions(captions: readonly ScoredCaption[]): CaptionScores {
  checkReferences('scores of captions', captions);
  const tokens = captions.map(({ candidate, references }) => ({
    candidate: tokenizeCaption(candidate),
    references: references.map(tokenizeCaption),
  }));
  return { bleu: bleu(tokens).corpus, rougeL: rougeL(tokens).corpus, ciderD: ciderD(tokens).corpus };
}
