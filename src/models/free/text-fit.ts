/**
 * How well texts fit a picture: cosines of their embeddings. Texts of a search begin alike, so a tower whose tokens see only
 * what is before them reads just what is new; any other model encodes them anew.
 */
import type { TextSearch } from '../towers/text-search.ts';

type Signal = AbortSignal | undefined;

export interface TextFit {
  /** One for each text. Rejects as the model's runs do. */
  cosines(texts: readonly string[], signal?: Signal): Promise<number[]>;
  /** Lets go of what is kept between calls; again is harmless. */
  release(): void;
}

/** Reads what is new. `encode` gives a text's tokens, special ones included, no more than the tower has positions. */
export function searchedFit(
  search: TextSearch,
  encode: (text: string) => readonly number[],
  picture: Float32Array,
): TextFit {
  return {
    async cosines(texts, signal) {
      const rows = await search.embed(texts.map(encode), signal);
      return rows.map((row) => cosine(row, picture));
    },
    release: () => search.release(),
  };
}

/** Encodes each text whole; equal ones once where `distinct` says so. */
export function encodedFit(
  embed: (texts: readonly string[], signal: Signal) => Promise<readonly Float32Array[]>,
  picture: Float32Array,
  { distinct }: { readonly distinct: boolean },
): TextFit {
  return {
    async cosines(texts, signal) {
      const asked = distinct ? [...new Set(texts)] : texts;
      const rows = await embed(asked, signal);
      const found = rows.map((row) => cosine(row, picture));
      if (!distinct) return found;
      const byText = new Map(asked.map((text, place) => [text, found[place]!]));
      return texts.map((text) => byText.get(text)!);
    },
    release() {},
  };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    const [x, y] = [a[index]!, b[index]!];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return product / Math.sqrt(squaresA * squaresB);
}
