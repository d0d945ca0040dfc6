/**
 * Tokens into text, piece by piece: a piece is given once it can no longer change. Together the pieces are the text, which has
 * no space around it and ends before the first stop string. Knows no model; takes the tokenizer's decoder.
 */
import { beforeStop, withoutOpenStop } from './stop-strings.ts';

/** What decoders put for the bytes of a character that is not complete yet. */
const INCOMPLETE = /\uFFFD+$/;
/** Decoders that clean up spaces join these with what comes next: ` do n` and `'t` to ` don't`. */
const OPEN_WORD = /\s+[!-~]*$/;

export interface TextStreamOptions {
  readonly decode: (ids: readonly number[]) => string;
  /** Tokens of the prompt that the text begins with; stop strings in them end nothing. */
  readonly shown?: readonly number[];
  readonly stop?: readonly string[];
  readonly onText?: ((piece: string) => void) | undefined;
  /** All that stands there, where some of it may still be rewritten. */
  readonly onDraft?: ((text: string) => void) | undefined;
}

export class TextStream {
  readonly #options: TextStreamOptions;
  readonly #shown: readonly number[];
  readonly #stop: readonly string[];
  /** Where stop strings count from. */
  readonly #from: number;
  #given = '';
  #draft = '';

  constructor(options: TextStreamOptions) {
    const { decode, shown = [], stop = [] } = options;
    this.#options = options;
    this.#shown = shown;
    this.#stop = stop;
    this.#from = shown.length === 0 ? 0 : decode(shown).length;
  }

  /** What stands there now: the draft where there is one, else what was given. */
  get text(): string {
    return this.#draft === '' ? this.#given : this.#draft;
  }

  /** All that is written, whose first `decided` tokens will not change. */
  show(written: readonly number[], decided = written.length): void {
    const certain = this.#decode(written.slice(0, decided));
    const ended = beforeStop(certain, this.#stop, this.#from);
    if (ended !== undefined) this.#give(ended.trim());
    else if (!INCOMPLETE.test(certain)) this.#give(this.#withoutOpen(certain).replace(OPEN_WORD, '').trim());
    if (decided < written.length) this.#redraft(written);
  }

  /** Whether it holds a stop string. */
  isOver(written: readonly number[]): boolean {
    return this.#stop.length > 0 && beforeStop(this.#decode(written), this.#stop, this.#from) !== undefined;
  }

  /** Gives the rest; returns the whole text. */
  finish(written: readonly number[]): string {
    const text = this.#decode(written);
    const whole = (beforeStop(text, this.#stop, this.#from) ?? text).trim();
    this.#give(whole);
    return whole;
  }

  #redraft(written: readonly number[]): void {
    const text = this.#decode(written).replace(INCOMPLETE, '');
    const draft = (beforeStop(text, this.#stop, this.#from) ?? this.#withoutOpen(text)).trim();
    if (draft === this.#draft) return;
    this.#draft = draft;
    this.#options.onDraft?.(draft);
  }

  #decode(written: readonly number[]): string {
    return this.#options.decode([...this.#shown, ...written]);
  }

  #withoutOpen(text: string): string {
    return withoutOpenStop(text, this.#stop, this.#from);
  }

  #give(text: string): void {
    if (text.length <= this.#given.length || !text.startsWith(this.#given)) return;
    this.#options.onText?.(text.slice(this.#given.length));
    this.#given = text;
  }
}
