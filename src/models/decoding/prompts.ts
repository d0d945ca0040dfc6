/** What every way of decoding needs to hold before the first step, and of every row of scores. Chooses no tokens. */
import { WeftError } from '../../errors.ts';
import { refuse } from './resolve-settings.ts';
import type { DecodingPlan } from './settings.ts';
import type { DecodingSteps } from './steps.ts';

/** The last token is written and never read, so it needs no position. Throws `model/bad-input`. */
export function checkRoom(steps: DecodingSteps, prompts: readonly (readonly number[])[], maxNewTokens: number): void {
  const length = prompts[0]?.length ?? 0;
  const isWhole = Number.isSafeInteger(maxNewTokens) && maxNewTokens >= 1;
  const fits = (length >= 1 || steps.hasPrefix === true) && length + maxNewTokens - 1 <= steps.positions;
  if (isWhole && fits && prompts.length === steps.batch && prompts.every((row) => row.length === length)) return;
  throw new WeftError('model/bad-input', {
    model: steps.name,
    input: 'input_ids',
    expected: `${steps.batch} prompts of one length that fit into ${steps.positions} tokens with new ones, at least one,`,
    received: `${prompts.length} prompts of ${[...new Set(prompts.map((row) => row.length))].join(', ')} tokens and ${maxNewTokens} new ones`,
  });
}

/**
 * Logits of a step [texts, vocabulary], as rows of our own. Throws `native/not-finite` for NaN and infinity, and
 * `run/bad-parameter` for a setting that somebody asked for and that is larger than the vocabulary.
 */
export function rowsOf(
  name: string,
  logits: Float32Array,
  texts: number,
  asked: DecodingPlan['asked'] = {},
): Float32Array[] {
  const vocabulary = logits.length / texts;
  checkVocabulary(vocabulary, asked);
  for (let index = 0; index < logits.length; index += 1) {
    // Also true for NaN. A model may rule out a token by -Infinity.
    if (!(logits[index]! < Number.POSITIVE_INFINITY)) {
      const reason = `token ${index % vocabulary} of text ${Math.floor(index / vocabulary)} has ${logits[index]}`;
      throw new WeftError('native/not-finite', { operator: `the logits of ${name}`, reason });
    }
  }
  return Array.from({ length: texts }, (_, text) => logits.subarray(text * vocabulary, (text + 1) * vocabulary));
}

function checkVocabulary(vocabulary: number, asked: DecodingPlan['asked']): void {
  for (const name of ['topK', 'beams'] as const) {
    const value = asked[name];
    if (value === undefined || value <= vocabulary) continue;
    refuse(name, `at most ${vocabulary}, as many tokens as the model knows`, String(value));
  }
}

/** Throws `run/bad-parameter`: settings that rule out every token contradict each other. */
export function refuseNoToken(): never {
  return refuse('strategy', 'settings that leave a token to choose', 'settings that rule out every one');
}
