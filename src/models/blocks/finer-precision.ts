/**
 * Precisions of models that read once and write long. What is read (a picture, a question) is run once, and every token
 * depends on it: its stacks are kept one step finer. The decoder runs once a token, and low precision pays there.
 */
import type { Precision } from '../../native/stack-spec.ts';

const FINER: Readonly<Record<Precision, Precision>> = { int8: 'bf16', bf16: 'fp32', fp32: 'fp32' };

/** Build options of the stacks that read, where the decoder has the precision asked for. */
export function finer<Options extends { readonly precision?: Precision }>(
  options: Options,
): Options & { readonly precision: Precision } {
  return { ...options, precision: FINER[options.precision ?? 'fp32'] };
}
