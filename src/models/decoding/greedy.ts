/** Greedy search: every step appends the likeliest token, as transformers' `generate` does by default. */
import { refuseNoToken } from './prompts.ts';
import type { DecodingSteps } from './steps.ts';
import { type LoopOptions, writeTokens } from './token-loop.ts';

/** As `writeTokens`. */
export function decodeGreedily(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  options: LoopOptions,
): Promise<number[][]> {
  return writeTokens(steps, prompts, options, highest);
}

/** The first token with the highest score. */
function highest(scores: Float32Array): number {
  let best = 0;
  for (let token = 1; token < scores.length; token += 1) if (scores[token]! > scores[best]!) best = token;
  return scores[best] === Number.NEGATIVE_INFINITY ? refuseNoToken() : best;
}
