/** Outputs of a research model that one run computes all at once. */
import type { Tensor } from '../../../src/native/tensor.ts';
import type { NumberArray } from '../compare.ts';
import type { Answers } from './compare-outputs.ts';
import { arrayOf } from './encoder-answers.ts';

export type BlockOutputs = Readonly<Record<string, Tensor | NumberArray | undefined>>;

/** The model runs when its first output is asked for; a failure of the run is one of every output. */
export function blockAnswers(run: () => Promise<BlockOutputs>): Answers {
  let outputs: Promise<BlockOutputs> | undefined;
  return async (name) => {
    outputs ??= run();
    const found = (await outputs)[name];
    return found !== undefined && 'toFloats' in found ? arrayOf(found) : found;
  };
}
