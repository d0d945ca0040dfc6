/** What the language model begins with: a start token, or a title and an end token, as its adaptation to captions had it. */
import { WeftError } from '../../errors.ts';
import type { OpenLanguage } from '../pipelines/open-towers.ts';

export interface MagicStart {
  /** What a story is about; goes before a start. */
  readonly title?: string | undefined;
  /** A token by its text, or any text; the model's own start token when left out. */
  readonly start?: string | undefined;
}

export interface MagicPrompt {
  readonly ids: readonly number[];
  /** Not shown where it is written again. */
  readonly startId: number | undefined;
}

/** What the authors added to GPT-2's vocabulary. */
const START_TOKEN = '<-start_of_text->';

/** Throws `model/bad-config` where nothing starts a text, `model/bad-input` where none fits behind it. */
export function magicPrompt(
  model: string,
  { tokenizer, startId: configured, endIds }: OpenLanguage,
  { title, start }: MagicStart,
  maxTokens: number,
): MagicPrompt {
  const startId = tokenizer.idOf(START_TOKEN) ?? configured;
  const ids = title === undefined ? startIds() : [...tokenizer.encode(title, { specialTokens: false }).ids, endId()];
  if (ids.length >= maxTokens) {
    const expected = `a start shorter than ${maxTokens} tokens, which "maxTokens" counts too,`;
    throw new WeftError('model/bad-input', { model, input: 'start', expected, received: `${ids.length} tokens` });
  }
  return { ids, startId };

  function startIds(): readonly number[] {
    if (start === undefined) return [startId ?? lacks(`a "bos_token_id", or "${START_TOKEN}" in its vocabulary`)];
    const id = tokenizer.idOf(start);
    const found = id === undefined ? tokenizer.encode(start, { specialTokens: false }).ids : [id];
    return found.length > 0 ? found : lacks('a text to start with');
  }

  function endId(): number {
    return endIds[0] ?? lacks('an "eos_token_id", which stands behind the title');
  }

  function lacks(expected: string): never {
    throw new WeftError('model/bad-config', { model, file: 'config.json', expected, received: 'none' });
  }
}
