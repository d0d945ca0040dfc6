/** Sampling: every step draws a token from what the filters leave of the distribution. The same seed draws the same tokens. */
import { drawNumber } from './draw-number.ts';
import { filterScores, possible } from './filters.ts';
import { refuseNoToken } from './prompts.ts';
import type { FilterSettings } from './settings.ts';
import type { DecodingSteps } from './steps.ts';
import { type LoopOptions, writeTokens } from './token-loop.ts';

export interface SamplingOptions extends LoopOptions, FilterSettings {
  readonly seed: number;
}

/** As `writeTokens`. */
export function decodeBySampling(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  options: SamplingOptions,
): Promise<number[][]> {
  return writeTokens(steps, prompts, options, (scores, { text, step }) => {
    filterScores(scores, options);
    return drawToken(scores, drawNumber(options.seed, step, text));
  });
}

/** The token at a place in [0, 1) of the cumulative distribution. */
export function drawToken(scores: Float32Array, place: number): number {
  const { tokens, probabilities } = possible(scores);
  let sum = 0;
  let last = -1;
  for (const [index, probability] of probabilities.entries()) {
    sum += probability;
    // Rounding may leave the sum just below the place: then the last token that can be drawn at all.
    if (probability > 0) last = index;
    if (place < sum) break;
  }
  return tokens[last] ?? refuseNoToken();
}
