/** Where phrases stand among the tokens of a text. Pure. */
import { WeftError } from '../../errors.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';

/**
 * The last token of each phrase, at its first place in the text, as Flickr30k's annotations number them. Throws
 * `model/bad-input` for no phrase, and for one that does not stand in the text.
 */
export function phrasePlaces(
  model: string,
  tokenizer: Pick<Tokenizer, 'encode'>,
  ids: Integers,
  phrases: readonly string[],
): number[] {
  const refuse = (expected: string, received: string): never => {
    throw new WeftError('model/bad-input', { model, input: 'phrases', expected, received });
  };
  if (phrases.length === 0) refuse('at least one', 'none');
  const tokens = Array.from(ids as ArrayLike<number | bigint>, Number);
  return phrases.map((phrase) => {
    const part = tokenizer.encode(phrase, { specialTokens: false }).ids;
    const start = tokens.findIndex((_, place) => part.every((id, index) => tokens[place + index] === id));
    if (part.length === 0 || start < 0)
      refuse('parts of the text, word by word,', JSON.stringify(phrase.slice(0, 100)));
    return start + part.length - 1;
  });
}
