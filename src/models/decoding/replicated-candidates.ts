/**
 * Candidates over any steps, as the published procedures have them: the past is copied for each of them, and logits are
 * computed for all. For models whose past cannot be shared (memories, pictures in the prompt), and to compare with.
 */
import { WeftError } from '../../errors.ts';
import type { Tensor } from '../../native/tensor.ts';
import { type CandidateSteps, ContextStates, floatsOf } from './candidate-steps.ts';
import type { DecodingSteps } from './steps.ts';

/** Candidates over one shared past where the model has them, else over copies of it. Uses the steps up. */
export function candidatesOf(steps: DecodingSteps): CandidateSteps {
  const shared = steps.shared?.();
  if (shared === undefined) return replicatedCandidates(steps);
  steps.release();
  return shared;
}

/** Uses the steps up, which must be of one text. Throws `model/bad-input` for more. */
export function replicatedCandidates(steps: DecodingSteps): CandidateSteps {
  if (steps.batch !== 1) {
    const [expected, received] = ['one prompt at a time for contrastive search', `${steps.batch}`];
    throw new WeftError('model/bad-input', { model: steps.name, input: 'input_ids', expected, received });
  }
  const states = new ContextStates();
  let logits: Tensor | undefined;
  return {
    name: steps.name,
    positions: steps.positions,
    async begin(prompt, signal) {
      const { hidden, head } = await steps.read(prompt, { hidden: true, signal });
      states.begin(hidden!);
      return floatsOf(head!);
    },
    async compare(tokens, signal) {
      logits?.release();
      steps.reorder(tokens.map(() => 0));
      const { hidden, head } = await steps.read(tokens, { hidden: true, signal });
      logits = head!;
      return states.compare(hidden!, signal);
    },
    async take(place, signal) {
      (await states.take(place, signal)).release();
      steps.reorder([place]);
      const [, vocabulary = 0] = logits!.shape;
      return logits!.toFloats().subarray(place * vocabulary, (place + 1) * vocabulary);
    },
    release() {
      logits?.release();
      states.release();
      steps.release();
    },
  };
}
