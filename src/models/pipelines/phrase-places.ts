/** Where phrases stand among the tokens of a text. Pure. */
import { WeftError } from '../../errors.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';

interface Reading {
  /** How errors name the model. */
  readonly model: string;
  readonly tokenizer: Pick<Tokenizer, 'encode'>;
  /** The tokens that the model reads of the text, special ones included. */
  readonly ids: readonly number[];
}

/**
 * The last token of each phrase, at its first place in the text: whole words of it, in any case, any white space between
 * them. A phrase ends where the tokens of the text up to its end do, so that neither words that are split nor what stands
 * beside a word is guessed. Throws `model/bad-input` for no phrase, one that does not stand in the text, one that tokens do
 * not end with, and one beyond what the model reads.
 */
export function phrasePlaces(
  { model, tokenizer, ids }: Reading,
  text: string,
  phrases: readonly string[],
): readonly number[] {
  const refuse = (expected: string, received: string): never => {
    throw new WeftError('model/bad-input', { model, input: 'phrases', expected, received });
  };
  if (phrases.length === 0) refuse('at least one', 'none');
  const tokensOf = (part: string) =>
    tokenizer.encode(part, { specialTokens: false, maxLength: Number.MAX_SAFE_INTEGER }).ids;
  const content = tokensOf(text);
  const start = ids.indexOf(content[0]!);
  return phrases.map((phrase) => {
    const shown = JSON.stringify(phrase.slice(0, 100));
    const end = endOf(phrase, text);
    if (end === undefined) return refuse('parts of the text, word by word,', shown);
    const before = tokensOf(text.slice(0, end));
    if (before.some((id, place) => id !== content[place]))
      return refuse('parts of the text that end with a token', shown);
    const place = start + before.length - 1;
    if (ids[place] !== before.at(-1)) return refuse(`parts of the ${ids.length} tokens that it reads`, shown);
    return place;
  });
}

/** Behind the last letter of a phrase; undefined where it does not stand in the text. */
function endOf(phrase: string, text: string): number | undefined {
  const words = phrase.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const escaped = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const [begin, end] = [/^[\p{L}\p{N}]/u.test(words[0]!), /[\p{L}\p{N}]$/u.test(words.at(-1)!)];
  const letter = '[\\p{L}\\p{N}]';
  const pattern = `${begin ? `(?<!${letter})` : ''}${escaped.join('\\s+')}${end ? `(?!${letter})` : ''}`;
  const found = new RegExp(pattern, 'iu').exec(text);
  return found === null ? undefined : found.index + found[0].length;
}
