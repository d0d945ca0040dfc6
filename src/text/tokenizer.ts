/**
 * Text to token numbers and back, over @huggingface/tokenizers: adds truncation, padding and batches as Python's
 * tokenizers does them. Takes parsed files; opens none.
 */
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { WeftError } from '../errors.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const KINDS = ['BPE', 'WordPiece', 'Unigram'];

export interface TokenizerFiles {
  /** tokenizer.json. */
  readonly definition: JsonObject;
  /** tokenizer_config.json; an empty object where the model has none. */
  readonly settings: JsonObject;
}

export interface EncodeOptions {
  /** Most tokens, special ones included; the model's own limit when left out. */
  readonly maxLength?: number;
  /** Cut what is longer (default); `false` throws `model/bad-input` instead. */
  readonly truncate?: boolean;
  /** Fill to this many tokens, or, in a batch, to its longest text. Not at all by default. */
  readonly pad?: number | 'longest';
  /** Put the model's own tokens around the text (default). */
  readonly specialTokens?: boolean;
}

export interface Encoding {
  readonly ids: readonly number[];
  /** 1 for text, 0 for padding. */
  readonly mask: readonly number[];
}

export class Tokenizer {
  /** Tokens a text may have, where the model sets a limit. */
  readonly maxLength: number | undefined;
  readonly padId: number | undefined;
  /** Its largest id plus 1: how many rows a table of embeddings needs. */
  readonly size: number;
  /** What tokenizer_config.json says of classes that Python writes by hand: which one, and whether it lower-cases texts. */
  readonly className: string | undefined;
  readonly lowerCases: boolean | undefined;
  /** Words between spaces are encoded each on its own, as byte pairs that mark the end of a word are. */
  readonly splitsAtSpaces: boolean;
  /** The text of tokens is that of each of them, one after the other, where bytes do not end within a character. */
  readonly joinsPieces: boolean;
  readonly #library: Library;
  readonly #model: string;
  readonly #cutLeft: boolean;
  readonly #padLeft: boolean;
  /** As in Python: only where the model asks for it, and never for byte pairs, whose spaces are the text's own. */
  readonly #cleansSpaces: boolean;
  /** The special tokens that stand before and after a text. */
  readonly #around: { readonly before: readonly number[]; readonly after: readonly number[] };

  /** Throws `model/unsupported` and `model/bad-config` when the files do not describe a tokenizer that works here. */
  constructor({ definition, settings }: TokenizerFiles, model: string) {
    this.#model = model;
    checkKind(definition, model);
    try {
      this.#library = new Library(definition, settings);
      this.#around = aroundText(this.#library);
    } catch (thrown) {
      const received = `one that fails with "${(thrown as Error).message.slice(0, 200)}"`;
      const expected = 'a tokenizer that can be built';
      throw new WeftError('model/bad-config', { model, file: 'tokenizer.json', expected, received }, { cause: thrown });
    }
    const limit = settings.model_max_length;
    // Python writes 10^30 for "no limit".
    this.maxLength = typeof limit === 'number' && limit >= 1 && limit < 1e9 ? Math.floor(limit) : undefined;
    this.padId = this.#padToken(definition, settings);
    this.size = sizeOf(definition);
    const { tokenizer_class: className, do_lower_case: lowerCases } = settings;
    this.className = typeof className === 'string' ? className : undefined;
    this.lowerCases = typeof lowerCases === 'boolean' ? lowerCases : undefined;
    this.#cutLeft = settings.truncation_side === 'left';
    this.#padLeft = settings.padding_side === 'left';
    const isBytePairs = kindOf(definition) === 'BPE';
    this.#cleansSpaces = settings.clean_up_tokenization_spaces === true && !isBytePairs;
    this.splitsAtSpaces = isBytePairs && Boolean(partOf(definition, 'model')?.end_of_word_suffix);
    this.joinsPieces = isBytePairs && partOf(definition, 'decoder')?.type === 'ByteLevel';
  }

  /** Throws `model/bad-input` for a text that is too long when `truncate` is false. */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    const ids = this.#ids(text, options);
    return typeof options.pad === 'number' ? this.#pad(ids, options.pad) : { ids, mask: ids.map(() => 1) };
  }

  encodeBatch(texts: readonly string[], options: EncodeOptions = {}): Encoding[] {
    const all = texts.map((text) => this.#ids(text, options));
    if (options.pad === undefined) return all.map((ids) => ({ ids, mask: ids.map(() => 1) }));
    const length = options.pad === 'longest' ? Math.max(0, ...all.map((ids) => ids.length)) : options.pad;
    return all.map((ids) => this.#pad(ids, length));
  }

  /** What `encode` gives for a text whose own tokens are these: special tokens around them, cut to `maxLength`. */
  surround(content: readonly number[], maxLength: number | undefined = this.maxLength): number[] {
    const { before, after } = this.#around;
    const room = maxLength === undefined ? content.length : Math.max(0, maxLength - before.length - after.length);
    const kept = this.#cutLeft ? content.slice(Math.max(0, content.length - room)) : content.slice(0, room);
    const ids = [...before, ...kept, ...after];
    return maxLength === undefined ? ids : ids.slice(0, maxLength);
  }

  decode(ids: readonly number[], { skipSpecialTokens = true }: { skipSpecialTokens?: boolean } = {}): string {
    if (ids.length === 0) return '';
    return this.#library.decode([...ids], {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: this.#cleansSpaces,
    });
  }

  /** The number of a token, or undefined when the vocabulary lacks it. */
  idOf(token: string): number | undefined {
    return this.#library.token_to_id(token);
  }

  #ids(text: string, { maxLength = this.maxLength, truncate = true, specialTokens = true }: EncodeOptions): number[] {
    const { ids } = this.#library.encode(text, { add_special_tokens: specialTokens });
    if (maxLength === undefined || ids.length <= maxLength) return ids;
    if (!truncate) {
      const received = `${ids.length} tokens`;
      const expected = `at most ${maxLength} tokens`;
      throw new WeftError('model/bad-input', { model: this.#model, input: 'text', expected, received });
    }
    if (!specialTokens) return this.#cutLeft ? ids.slice(ids.length - maxLength) : ids.slice(0, maxLength);
    const { before, after } = this.#around;
    return this.surround(ids.slice(before.length, ids.length - after.length), maxLength);
  }

  #pad(ids: readonly number[], length: number): Encoding {
    const missing = Math.max(0, length - ids.length);
    const mask = ids.map(() => 1);
    if (missing === 0) return { ids, mask };
    if (this.padId === undefined) {
      throw new WeftError('model/bad-config', {
        model: this.#model,
        file: 'tokenizer_config.json',
        expected: 'a "pad_token" of the vocabulary',
        received: 'none',
      });
    }
    const padding = new Array<number>(missing).fill(this.padId);
    const zeros = padding.map(() => 0);
    return this.#padLeft
      ? { ids: [...padding, ...ids], mask: [...zeros, ...mask] }
      : { ids: [...ids, ...padding], mask: [...mask, ...zeros] };
  }

  #padToken(definition: JsonObject, settings: JsonObject): number | undefined {
    const written = settings.pad_token as { content?: unknown } | string | null | undefined;
    const token = typeof written === 'string' ? written : written?.content;
    const id = typeof token === 'string' ? this.#library.token_to_id(token) : undefined;
    if (id !== undefined) return id;
    const padding = definition.padding as { pad_id?: unknown } | null | undefined;
    return typeof padding?.pad_id === 'number' ? padding.pad_id : undefined;
  }
}

/** Vocabularies are ids by token or, of kind Unigram, a list. Read from the file: the library does not tell. */
function sizeOf({ model, added_tokens: added }: JsonObject): number {
  const vocabulary = (model as { vocab?: unknown } | null | undefined)?.vocab ?? {};
  const ids = Array.isArray(vocabulary) ? [vocabulary.length - 1] : Object.values(vocabulary as object);
  const addedIds = Array.isArray(added) ? added.map((one: { id?: unknown }) => one.id) : [];
  let largest = -1;
  for (const id of [...ids, ...addedIds]) if (typeof id === 'number' && id > largest) largest = id;
  return largest + 1;
}

function kindOf(definition: JsonObject): unknown {
  return partOf(definition, 'model')?.type;
}

function partOf(definition: JsonObject, name: string): JsonObject | null | undefined {
  return definition[name] as JsonObject | null | undefined;
}

/** The library takes other kinds for a plain vocabulary and gives no number for unknown words. */
function checkKind(definition: JsonObject, model: string): void {
  const type = kindOf(definition);
  // Files written before 2020 leave the kind out; the library recognises those by their content.
  if (type === undefined || KINDS.includes(String(type))) return;
  const expected = `a tokenizer of kind ${KINDS.join(', ')}`;
  throw new WeftError('model/unsupported', { model, expected, received: String(type) });
}

/** Found by trying: the library does not tell what its post-processor adds. */
function aroundText(library: Library): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const bare = library.encode('a', { add_special_tokens: false }).ids;
  const full = library.encode('a', { add_special_tokens: true }).ids;
  for (let before = 0; before + bare.length <= full.length; before++) {
    if (bare.every((id: number, index: number) => full[before + index] === id))
      return { before: full.slice(0, before), after: full.slice(before + bare.length) };
  }
  return { before: [], after: [] };
}
