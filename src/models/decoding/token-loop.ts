/**
 * Texts that grow by one token per step, each on its own: the loop of greedy search and of sampling, which only choose. Texts
 * that have ended are filled with padding while others go on. Knows no model, only steps.
 */
import { type ProcessorRules, processorsOf } from './processors.ts';
import { checkRoom, rowsOf } from './prompts.ts';
import type { DecodingPlan } from './settings.ts';
import type { DecodingSteps } from './steps.ts';

export interface TokenRules {
  /** Tokens that end a text. */
  readonly endIds: readonly number[];
  /** What fills a text that has ended. */
  readonly padId: number;
}

export interface LoopOptions extends TokenRules, ProcessorRules {
  readonly maxNewTokens: number;
  /** See DecodingPlan. */
  readonly asked?: DecodingPlan['asked'] | undefined;
  /** Called after every step with the token that each text got, padding included. */
  readonly onStep?: ((tokens: readonly number[]) => void) | undefined;
  /** Whether a text ends here although its last token does not end it: it has all that it shall have. */
  readonly isOver?: ((written: readonly number[]) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The token of a text, by the scores that processors left. */
export type Choose = (scores: Float32Array, place: { readonly text: number; readonly step: number }) => number;

/**
 * The prompts, all of one length, each with what was written after it. Uses the steps up: they are released whatever
 * happens. Rejects with `model/bad-input` when prompt and new tokens do not fit, `native/not-finite` for logits that are no
 * numbers, `run/bad-parameter` for settings that leave no token, `run/cancelled`.
 */
export async function writeTokens(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  options: LoopOptions,
  choose: Choose,
): Promise<number[][]> {
  const { maxNewTokens, endIds, padId, onStep, isOver, signal } = options;
  const texts = prompts.map((row) => [...row]);
  const ended = texts.map(() => false);
  try {
    checkRoom(steps, prompts, maxNewTokens);
    const promptLength = texts[0]!.length;
    const processors = processorsOf(options, { promptLength, maxNewTokens, endIds });
    let fresh: readonly number[] = texts.flat();
    for (let step = 0; step < maxNewTokens && !ended.every(Boolean); step += 1) {
      const { head } = await steps.read(fresh, { signal });
      using logits = head!;
      const rows = rowsOf(steps.name, logits.toFloats(), texts.length, options.asked);
      const tokens = texts.map((text, index) => {
        if (ended[index]) return padId;
        const scores = rows[index]!;
        for (const process of processors) process(scores, text);
        return choose(scores, { text: index, step });
      });
      for (const [index, token] of tokens.entries()) {
        const text = texts[index]!;
        text.push(token);
        ended[index] ||= endIds.includes(token) || isOver?.(text.slice(promptLength)) === true;
      }
      onStep?.(tokens);
      fresh = tokens;
    }
    return texts;
  } finally {
    steps.release();
  }
}
