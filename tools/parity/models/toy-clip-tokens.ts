/**
 * The tokenizer of the cases of MaGiC, by the vocabulary that case.json holds: lower case; runs of letters are split into the
 * longest pieces, the one that ends a run carries `</w>`; signs outside the vocabulary are dropped.
 */

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const WORDS = /<\|endoftext\|>|[a-z]+|[^\sa-z]/g;

export interface ToyClipTokens {
  /** Ids of a text, start and end included, at most so many as the case allows. */
  readonly encode: (text: string) => number[];
  readonly endId: number;
}

export function toyClipTokens(vocabulary: readonly string[], maxLength: number): ToyClipTokens {
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  const [startId, endId] = [ids.get(START)!, ids.get(END)!];
  const pieces = (word: string): number[] => {
    if (word === END) return [endId];
    const found: number[] = [];
    for (let start = 0; start < word.length; ) {
      let end = word.length;
      const idAt = () => ids.get(word.slice(start, end) + (end === word.length ? '</w>' : ''));
      while (end > start && idAt() === undefined) end -= 1;
      const id = end > start ? idAt() : undefined;
      if (id !== undefined) found.push(id);
      start = Math.max(end, start + 1);
    }
    return found;
  };
  return {
    endId,
    encode(text) {
      const words = text.toLowerCase().match(WORDS) ?? [];
      return [startId, ...words.flatMap(pieces).slice(0, maxLength - 2), endId];
    },
  };
}
