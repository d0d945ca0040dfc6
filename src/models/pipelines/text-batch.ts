/** Texts and pairs of texts as tokens of one length, for stacks that read them all at once. Knows no family. */
import { WeftError } from '../../errors.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { TextTower, Tokens } from '../towers/text-tower.ts';

export interface TextReader {
  readonly tokenizer: Tokenizer;
  readonly tower: Pick<TextTower, 'name' | 'positions'>;
}

/** Tokens of texts, row-major. */
export interface TextTokens extends Tokens {
  readonly ids: readonly number[];
  readonly batch: number;
  readonly mask: readonly number[];
}

/** Tokens of texts with padding and its mask. What is longer than the tower reads is cut. */
export function textBatch({ tokenizer, tower }: TextReader, texts: readonly string[]): TextTokens {
  const maxLength = Math.min(tower.positions, tokenizer.maxLength ?? tower.positions);
  const encodings = tokenizer.encodeBatch(texts, { maxLength, ...(texts.length > 1 ? { pad: 'longest' } : {}) });
  return {
    ids: encodings.flatMap(({ ids }) => ids),
    batch: encodings.length,
    mask: encodings.flatMap(({ mask }) => mask),
  };
}

/**
 * One text with each of several others, as BERT reads pairs: [CLS] first [SEP] other [SEP], the second segment from the
 * first separator on. Throws `model/bad-input` for a pair that is longer than the tower reads, `model/bad-config` for a
 * tokenizer without padding or of another form.
 */
export function pairBatch(
  { tokenizer, tower }: TextReader,
  first: string,
  others: readonly string[],
): Required<Tokens> {
  const start = tokenizer.encode(first, { maxLength: tower.positions }).ids;
  const end = start.at(-1)!;
  const rows = others.map((other) => [...start, ...tokenizer.encode(other, { specialTokens: false }).ids, end]);
  const length = Math.max(...rows.map((row) => row.length));
  if (length > tower.positions) {
    const expected = `pairs of at most ${tower.positions} tokens`;
    throw new WeftError('model/bad-input', { model: tower.name, input: 'choices', expected, received: `${length}` });
  }
  const { padId } = tokenizer;
  if (padId === undefined) {
    const expected = 'a "pad_token" of the vocabulary';
    const file = 'tokenizer_config.json';
    throw new WeftError('model/bad-config', { model: tower.name, file, expected, received: 'none' });
  }
  const filled = (row: readonly number[], value: (id: number, place: number) => number, padding: number) =>
    Array.from({ length }, (_, place) => (place < row.length ? value(row[place]!, place) : padding));
  return {
    ids: rows.flatMap((row) => filled(row, (id) => id, padId)),
    batch: rows.length,
    mask: rows.flatMap((row) => filled(row, () => 1, 0)),
    segments: rows.flatMap((row) => filled(row, (_, place) => Number(place >= start.length), 0)),
  };
}
