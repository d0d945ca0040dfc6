/**
 * Texts to tokens where most words were seen before, as in search: each word is encoded once. For tokenizers whose words do
 * not depend on each other; others encode every text whole.
 */
import type { Tokenizer } from './tokenizer.ts';

/** Words kept; beyond them the cache begins anew. */
const MOST_WORDS = 50_000;

export class WordEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #words = new Map<string, readonly number[]>();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** As `Tokenizer.encode` with the same length: cut, special tokens around it, no padding. */
  encode(text: string, maxLength: number): number[] {
    if (!this.#tokenizer.splitsAtSpaces) return [...this.#tokenizer.encode(text, { maxLength }).ids];
    const content = text.split(/\s+/).flatMap((word) => (word === '' ? [] : this.#encodeWord(word)));
    return this.#tokenizer.surround(content, maxLength);
  }

  #encodeWord(word: string): readonly number[] {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const { ids } = this.#tokenizer.encode(word, { specialTokens: false, maxLength: Number.MAX_SAFE_INTEGER });
    if (this.#words.size >= MOST_WORDS) this.#words.clear();
    this.#words.set(word, ids);
    return ids;
  }
}
