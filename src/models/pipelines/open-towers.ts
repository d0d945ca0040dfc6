/**
 * Towers of a loaded family for methods that search: they choose tokens step by step, by what another model says. Knows no
 * family.
 */
import type { Tokenizer } from '../../text/tokenizer.ts';
import { WordEncoder } from '../../text/word-encoder.ts';
import type { LanguageModel } from '../towers/language-model.ts';
import { TextSearch } from '../towers/text-search.ts';
import { TextTower } from '../towers/text-tower.ts';

export interface OpenLanguage {
  /** Its head reads the last row. */
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly endIds: readonly number[];
  /** What texts begin with, where config.json names it. */
  readonly startId: number | undefined;
}

export interface OpenTextSearch {
  /** A search of its own; the caller releases it. */
  readonly begin: () => TextSearch;
  /** Tokens of a text, special ones included, cut where the tower reads no more. */
  readonly encode: (text: string) => readonly number[];
}

/** Of a tower that can be searched; others give nothing. */
export function openTextSearch(
  tower: object,
  tokenizer: Tokenizer,
  prepare: (text: string) => string = (text) => text,
): { readonly textSearch?: OpenTextSearch } {
  if (!(tower instanceof TextTower)) return {};
  const { causal } = tower;
  if (causal === undefined) return {};
  const maxLength = Math.min(tower.positions, tokenizer.maxLength ?? tower.positions);
  const encoder = new WordEncoder(tokenizer);
  return {
    textSearch: {
      begin: () => new TextSearch(tower, causal),
      encode: (text) => encoder.encode(prepare(text), maxLength),
    },
  };
}
