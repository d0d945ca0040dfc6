/**
 * The one entry to decoding: a plan says the strategy, steps say the model.
 *   const plan = resolveSettings({ strategy: 'beam', beams: 4 }, checkpoint);
 *   const { texts } = await decode(steps, prompts, { plan, maxNewTokens: 20, endIds, padId });
 * Must know no model, and nothing of text: a caller tells by `isOver` when a text holds one of its stop strings.
 */
import { type BeamOptions, decodeByBeams } from './beam-search.ts';
import { contrastiveSteps } from './contrastive.ts';
import { decodeGreedily } from './greedy.ts';
import { processorsOf } from './processors.ts';
import { candidatesOf } from './replicated-candidates.ts';
import { refuse } from './resolve-settings.ts';
import { decodeBySampling } from './sampling.ts';
import type { DecodingPlan } from './settings.ts';
import type { DecodingSteps } from './steps.ts';
import type { LoopOptions } from './token-loop.ts';

export interface DecodingOptions
  extends Pick<LoopOptions, 'maxNewTokens' | 'endIds' | 'padId' | 'isOver' | 'signal'>,
    Pick<BeamOptions, 'returned'> {
  readonly plan: DecodingPlan;
  /** Called after every step: the first text, best so far, whose first `decided` tokens can no longer change. */
  readonly onWritten?: BeamOptions['onBest'];
}

type ContrastivePlan = Extract<DecodingPlan, { readonly strategy: 'contrastive' }>;

export interface DecodedTexts {
  /** Prompts with what was written after them, filled up to one length; of beams, the best `returned` of each. */
  readonly texts: readonly (readonly number[])[];
  /** Of beams: how each text scored. */
  readonly scores?: readonly number[];
}

/**
 * Prompts are of one length, padded on the left. Uses the steps up, and rejects, as `writeTokens` does; also with
 * `run/bad-parameter` for more texts than beams.
 */
export async function decode(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  { plan, returned, onWritten, ...options }: DecodingOptions,
): Promise<DecodedTexts> {
  const most = 'beams' in plan ? plan.beams : 1;
  if (returned !== undefined && (returned > most || !Number.isSafeInteger(returned) || returned < 1)) {
    steps.release();
    refuse('returned', `from 1 to ${most} texts of a prompt`, String(returned));
  }
  const common = { ...options, ...plan };
  switch (plan.strategy) {
    case 'greedy':
      return { texts: await decodeGreedily(steps, prompts, { ...common, ...growing(onWritten) }) };
    case 'sample':
      return { texts: await decodeBySampling(steps, prompts, { ...common, ...plan, ...growing(onWritten) }) };
    case 'contrastive':
      return { texts: [await decodeContrastively(steps, prompts, { ...options, plan, onWritten })] };
    case 'beam':
      return await decodeByBeams(steps, prompts, { ...common, ...plan, returned, onBest: onWritten });
    case 'beam-sample':
      return await decodeByBeams(steps, prompts, { ...common, ...plan, sampling: plan, returned, onBest: onWritten });
  }
}

/** One prompt at a time. */
async function decodeContrastively(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  { plan, maxNewTokens, endIds, signal, isOver, onWritten }: DecodingOptions & { readonly plan: ContrastivePlan },
): Promise<number[]> {
  const prompt = prompts[0]!;
  const processors = processorsOf(plan, { promptLength: prompt.length, maxNewTokens, endIds });
  const options = { ...{ k: plan.topK, alpha: plan.penaltyAlpha }, maxNewTokens, endIds, processors, signal };
  const written: number[] = [];
  for await (const { candidates, chosen } of contrastiveSteps(candidatesOf(steps), prompt, options)) {
    written.push(candidates[chosen]!);
    onWritten?.(written, written.length);
    if (isOver?.(written) === true) break;
  }
  return [...prompt, ...written];
}

/** Texts that only grow: each token is decided when it is written. */
function growing(onWritten: BeamOptions['onBest']): Pick<LoopOptions, 'onStep'> {
  if (onWritten === undefined) return {};
  const written: number[] = [];
  return {
    onStep([token]) {
      written.push(token!);
      onWritten(written, written.length);
    },
  };
}
