/** Compares every output of a case with what a model computes. An output that the model's runner does not know fails. */
import { toWeftError } from '../../../src/errors.ts';
import { compareArrays, EQUAL, type NumberArray } from '../compare.ts';
import type { Outcome, RunnerOptions } from '../outcome.ts';
import type { ModelCase } from './model-case.ts';

/** What a model gives for an output, by the name that the case has for it; undefined for a name it does not know. */
export type Answers = (output: string) => Promise<Answer | undefined>;

export interface Answer extends NumberArray {
  /** The whole numbers that these belong to: where a lower precision chose others, there is nothing to compare. */
  readonly follows?: string;
}

/** Lower precisions are not held to float32's tolerance, but must keep the direction of every output. */
const LEAST_COSINE = { bf16: 0.999, int8: 0.98 } as const;

export async function* compareOutputs(
  model: ModelCase,
  answers: Answers,
  options: RunnerOptions,
): AsyncIterable<Outcome> {
  for (const output of model.outputs.keys()) yield await compareOutput(model, output, answers, options);
}

async function compareOutput(
  model: ModelCase,
  output: string,
  answers: Answers,
  { precision }: RunnerOptions,
): Promise<Outcome> {
  const id = `${model.name} ${output}`;
  const reference = model.outputs.get(output)!;
  const isExact = !(reference.data instanceof Float32Array || reference.data instanceof Float64Array);
  let ours: Answer | undefined;
  try {
    ours = await answers(output);
  } catch (thrown) {
    const error = toWeftError(thrown);
    return { id, status: 'failed', note: error.code === 'internal' ? String(thrown) : error.message };
  }
  if (ours === undefined) {
    const note = `the runner of family "${model.family}" (${model.hfClass}) knows no output of this name`;
    return { id, status: 'failed', note };
  }
  if (isExact && precision !== 'fp32') {
    return { id, status: 'skipped', note: `whole numbers are compared in fp32, not in ${precision}` };
  }
  const { follows } = ours;
  if (follows !== undefined && precision !== 'fp32' && !(await isChosen(model, follows, answers))) {
    return { id, status: 'skipped', note: `${follows} are others in ${precision}` };
  }
  const { mismatch, ...closeness } = compareArrays(
    ours,
    reference,
    isExact ? EQUAL : model.tolerance,
    model.validMask(output),
  );
  if (precision === 'fp32') {
    return mismatch === undefined
      ? { id, status: 'passed', closeness }
      : { id, status: 'failed', note: mismatch, closeness };
  }
  const least = LEAST_COSINE[precision];
  if (closeness.cosine >= least) return { id, status: 'passed', closeness };
  const note = Number.isNaN(closeness.cosine) ? mismatch! : `cosine ${closeness.cosine}, expected at least ${least}`;
  return { id, status: 'failed', note, closeness };
}

async function isChosen(model: ModelCase, output: string, answers: Answers): Promise<boolean> {
  const [ours, reference] = [await answers(output), model.outputs.get(output)];
  return ours !== undefined && reference !== undefined && compareArrays(ours, reference, EQUAL).mismatch === undefined;
}
