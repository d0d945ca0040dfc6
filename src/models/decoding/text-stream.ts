/**
 * Tokens into text, piece by piece: a piece is given once it can no longer change. Together the pieces are the text.
 * Knows no model; takes the tokenizer's decoder.
 */

/** What decoders put for the bytes of a character that is not complete yet. */
const INCOMPLETE = '\uFFFD';
/** Decoders that clean up spaces join these with what comes next: ` do n` and `'t` to ` don't`. */
const OPEN_WORD = /\s+[!-~]*$/;

export class TextStream {
  readonly #decode: (ids: readonly number[]) => string;
  readonly #onText: (piece: string) => void;
  readonly #ids: number[] = [];
  #given = '';

  constructor(decode: (ids: readonly number[]) => string, onText: (piece: string) => void) {
    this.#decode = decode;
    this.#onText = onText;
  }

  /** One more token. */
  add(id: number): void {
    this.#ids.push(id);
    const text = this.#decode(this.#ids);
    if (!text.endsWith(INCOMPLETE)) this.#give(text.replace(OPEN_WORD, ''));
  }

  /** Gives the rest; returns the whole text. */
  finish(): string {
    const text = this.#decode(this.#ids);
    this.#give(text);
    return text;
  }

  #give(text: string): void {
    if (text.length <= this.#given.length || !text.startsWith(this.#given)) return;
    this.#onText(text.slice(this.#given.length));
    this.#given = text;
  }
}
