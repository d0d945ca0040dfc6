/** Whether a tokenizer and a model belong together: ids beyond the table of embeddings cannot be read. Pure. */
import type { ConfigReader } from '../blocks/config-reader.ts';

/** Where families keep the vocabulary of the part that reads texts. */
const SECTIONS = ['text_config', 'text_config_dict', 'decoder', 'language_config'];

/**
 * `size` is the tokenizer's largest id plus 1. Says nothing where config.json does not tell the vocabulary.
 * Throws `model/bad-config`.
 */
export function checkVocabulary(size: number, config: ConfigReader): void {
  const parts = [config, ...SECTIONS.filter((key) => config.has(key)).map((key) => config.section(key))];
  const told = parts.filter((part) => part.has('vocab_size'));
  // Idefics keeps the embeddings of added tokens in a table of their own.
  const sizes = told.map((part) => part.count('vocab_size') + part.id('additional_vocab_size', 0));
  const most = Math.max(...sizes);
  if (told.length === 0 || size <= most) return;
  config.bad('vocab_size', `at least the ${size} tokens of the folder's own tokenizer`, most);
}
