/**
 * The texts that tokens become where one of many may come next: what is there is decoded once, each token once in all. For
 * decoders that put pieces side by side; others decode every text whole. Special tokens are part of the text.
 */
import type { Tokenizer } from './tokenizer.ts';

/** What stands for bytes that are no whole character yet. */
const INCOMPLETE = '\uFFFD';

export class PieceDecoder {
  readonly #tokenizer: Pick<Tokenizer, 'decode' | 'joinsPieces'>;
  readonly #pieces = new Map<number, string>();

  constructor(tokenizer: Pick<Tokenizer, 'decode' | 'joinsPieces'>) {
    this.#tokenizer = tokenizer;
  }

  /** The text of a token alone. */
  piece(token: number): string {
    let piece = this.#pieces.get(token);
    if (piece === undefined) {
      piece = this.#decode([token]);
      this.#pieces.set(token, piece);
    }
    return piece;
  }

  /** For each of the next tokens the text of `ids` and it. */
  continuations(ids: readonly number[], next: readonly number[]): string[] {
    const text = this.#decode(ids);
    const canJoin = this.#tokenizer.joinsPieces && !text.includes(INCOMPLETE);
    return next.map((token) => {
      const piece = this.piece(token);
      return canJoin && !piece.includes(INCOMPLETE) ? text + piece : this.#decode([...ids, token]);
    });
  }

  #decode(ids: readonly number[]): string {
    return this.#tokenizer.decode(ids, { skipSpecialTokens: false });
  }
}
