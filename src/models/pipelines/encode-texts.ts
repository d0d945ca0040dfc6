/** Texts as the tokens of one run: all of one length, cut where the model reads no more. */
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { Tokens } from '../towers/text-tower.ts';

export interface TextLimits {
  /** Most tokens that the model reads. */
  readonly positions: number;
  /** To how many tokens texts are filled: the longest of them (default), or as many as the model has positions. */
  readonly fill?: 'longest' | 'positions';
  /** Tell the model what is padding. Not needed where it comes last and tokens see only what is before them. */
  readonly masked?: boolean;
}

export function encodeTexts(
  tokenizer: Tokenizer,
  texts: readonly string[],
  { positions, fill = 'longest', masked = false }: TextLimits,
): Tokens {
  const maxLength = Math.min(positions, tokenizer.maxLength ?? positions);
  const encodings = tokenizer.encodeBatch(texts, { maxLength, pad: fill === 'positions' ? maxLength : 'longest' });
  const mask = masked ? { mask: encodings.flatMap((one) => one.mask) } : {};
  return { ids: encodings.flatMap((one) => one.ids), batch: encodings.length, ...mask };
}
