/** Which outputs of cases wait for decoding other than greedy, and why. Knows no family. */
import type { ModelCase } from './model-case.ts';

/** Scores stand beside the ids they belong to. */
const SCORES = /_scores$/;

/** Why an output is not compared yet; undefined for one that is. */
export function deferral(model: ModelCase, output: string): string | undefined {
  const { num_beams: beams } = model.generate(output) ?? model.generate(output.replace(SCORES, '')) ?? {};
  return typeof beams === 'number' && beams > 1 ? `deferred: beams (${beams})` : undefined;
}
