/**
 * CIDEr-D of captions as the scorer of COCO's captions has it: n-grams of 1 to 4 tokens weighed by how rare they are among
 * the pictures of the corpus, a clipped cosine with every reference, a Gaussian penalty (sigma = 6) of other lengths, times 10.
 * Source: Vedantam et al., CIDEr: Consensus-based Image Description Evaluation (2015), section 4 and appendix (CIDEr-D).
 * Takes tokens; must not tokenize. Rarity comes from the references of the same corpus: a corpus of one picture scores 0.
 */
import { countNgrams } from './ngrams.ts';
import { type CorpusScore, checkReferences, meanOf, type ScoredTokens } from './scored-caption.ts';

const LONGEST = 4;
const SIGMA = 6;
const SCALE = 10;

/** One order of a text's n-grams: weights, and their Euclidean norm. */
interface Weighed {
  readonly weights: ReadonlyMap<string, number>;
  readonly norm: number;
}

interface WeighedText {
  readonly orders: readonly Weighed[];
  /** As the scorer measures it: in pairs of tokens. */
  readonly length: number;
}

/** Throws `metric/bad-input`. */
export function ciderD(captions: readonly ScoredTokens[]): CorpusScore {
  checkReferences('CIDEr-D', captions);
  const pictures = picturesWith(captions);
  const weigh = (tokens: readonly string[]): WeighedText => ({
    orders: countNgrams(tokens, LONGEST).map((counts, order) =>
      weighed(counts, (ngram) => Math.log(captions.length) - Math.log(Math.max(1, pictures[order]!.get(ngram) ?? 0))),
    ),
    length: Math.max(0, tokens.length - 1),
  });
  return meanOf(
    captions.map(({ candidate, references }) => {
      const written = weigh(candidate);
      const total = references.reduce((sum, reference) => sum + similarity(written, weigh(reference)), 0);
      return (SCALE * total) / references.length;
    }),
  );
}

/** In how many pictures' references each n-gram is, by order. */
function picturesWith(captions: readonly ScoredTokens[]): readonly ReadonlyMap<string, number>[] {
  const found = Array.from({ length: LONGEST }, () => new Map<string, number>());
  for (const { references } of captions) {
    const texts = references.map((reference) => countNgrams(reference, LONGEST));
    for (const [order, pictures] of found.entries()) {
      const ngrams = new Set(texts.flatMap((orders) => [...orders[order]!.keys()]));
      for (const ngram of ngrams) pictures.set(ngram, (pictures.get(ngram) ?? 0) + 1);
    }
  }
  return found;
}

function weighed(counts: ReadonlyMap<string, number>, rarity: (ngram: string) => number): Weighed {
  const weights = new Map([...counts].map(([ngram, times]) => [ngram, times * rarity(ngram)]));
  return { weights, norm: Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight ** 2, 0)) };
}

/** The mean over the orders of n-grams; none of an order scores 0. */
function similarity(written: WeighedText, reference: WeighedText): number {
  const penalty = Math.exp(-((written.length - reference.length) ** 2) / (2 * SIGMA ** 2));
  const cosines = written.orders.map(({ weights, norm }, order) => {
    const other = reference.orders[order]!;
    let product = 0;
    for (const [ngram, weight] of weights) {
      const referred = other.weights.get(ngram) ?? 0;
      product += Math.min(weight, referred) * referred;
    }
    return norm === 0 || other.norm === 0 ? product : product / (norm * other.norm);
  });
  return (penalty * cosines.reduce((sum, cosine) => sum + cosine, 0)) / LONGEST;
}
