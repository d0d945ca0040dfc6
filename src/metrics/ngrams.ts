/** Counts of n-grams in a text of tokens. Knows no metric. */

/** How often each n-gram occurs, by its tokens joined; entry n - 1 holds those of n tokens, for 1 to `longest`. */
export function countNgrams(tokens: readonly string[], longest: number): readonly ReadonlyMap<string, number>[] {
  return Array.from({ length: longest }, (_, index) => {
    const counts = new Map<string, number>();
    for (let start = 0; start + index < tokens.length; start += 1) {
      const ngram = tokens.slice(start, start + index + 1).join(SEPARATOR);
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}

/** In no token: tokenizers drop it. */
const SEPARATOR = '\u0000';
