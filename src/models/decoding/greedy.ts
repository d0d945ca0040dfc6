/**
 * Greedy decoding: every step appends the likeliest token, as transformers' `generate` does by default. Texts that have
 * ended are filled with padding while others go on. Knows no model, only steps.
 */
import { WeftError } from '../../errors.ts';
import type { DecodingSteps } from './steps.ts';

/** Which tokens end a text, fill it up, or must stand somewhere. */
export interface TokenRules {
  /** Tokens that end a text. */
  readonly endIds: readonly number[];
  /** What fills a text that has ended. */
  readonly padId: number;
  /** The token after a prompt of one token, whatever is likelier. */
  readonly forcedFirst?: number | undefined;
  /** The last token of a text that reaches `maxNewTokens`. */
  readonly forcedLast?: number | undefined;
}

export interface GreedyOptions extends TokenRules {
  readonly maxNewTokens: number;
  /** A text does not end before it has as many new tokens. */
  readonly minNewTokens?: number | undefined;
  /** Called after every step with the token that each text got, padding included. */
  readonly onStep?: ((tokens: readonly number[]) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The prompts, all of one length, each with what was written after it. Uses the steps up: they are released whatever
 * happens. Rejects with `model/bad-input` when prompt and new tokens do not fit, `run/cancelled`.
 */
export async function decodeGreedily(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  options: GreedyOptions,
): Promise<number[][]> {
  const { maxNewTokens, endIds, padId, onStep, signal } = options;
  const texts = prompts.map((row) => [...row]);
  const ended = texts.map(() => false);
  try {
    checkRoom(steps, prompts, maxNewTokens);
    let fresh: readonly number[] = texts.flat();
    for (let step = 0; step < maxNewTokens && !ended.every(Boolean); step += 1) {
      const { head } = await steps.read(fresh, { signal });
      const logits = head!.toFloats();
      head!.release();
      const vocabulary = logits.length / texts.length;
      const forced = forcedToken(options, texts[0]!.length, step);
      const banned = step < (options.minNewTokens ?? 0) ? endIds : [];
      const tokens = texts.map((text, index) => {
        const row = logits.subarray(index * vocabulary, (index + 1) * vocabulary);
        const token = ended[index] ? padId : (forced ?? likeliest(row, banned));
        text.push(token);
        ended[index] ||= endIds.includes(token);
        return token;
      });
      onStep?.(tokens);
      fresh = tokens;
    }
    return texts;
  } finally {
    steps.release();
  }
}

/** The last token is written and never read, so it needs no position. */
function checkRoom(steps: DecodingSteps, prompts: readonly (readonly number[])[], maxNewTokens: number): void {
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

function forcedToken({ forcedFirst, forcedLast, maxNewTokens }: GreedyOptions, length: number, step: number) {
  if (length === 1 && step === 0 && forcedFirst !== undefined) return forcedFirst;
  return step === maxNewTokens - 1 ? forcedLast : undefined;
}

/** Index of the first largest number, leaving out some. */
function likeliest(logits: Float32Array, banned: readonly number[]): number {
  let best = -1;
  for (let token = 0; token < logits.length; token += 1) {
    if ((best < 0 || logits[token]! > logits[best]!) && !banned.includes(token)) best = token;
  }
  return best;
}
