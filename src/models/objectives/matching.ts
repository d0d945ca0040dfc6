/** What the heads of image-text matching say as a probability. Pure; knows no model. */
import { refuse } from '../../native/argument.ts';

/**
 * How probable it is that a picture and a text belong together, for each pair: of heads with two logits (FLAVA, BLIP) the
 * softmax's second, of heads with one (ViLT's retrieval) the sigmoid.
 * @param logits row-major [pairs, outputs]
 * Throws `native/bad-argument`.
 */
export function matchingProbabilities(logits: Float32Array, outputs: 1 | 2): number[] {
  const operator = 'matchingProbabilities';
  if (outputs !== 1 && outputs !== 2) refuse(operator, 'outputs', '1 or 2', outputs);
  if (logits.length % outputs !== 0) refuse(operator, 'logits', `rows of ${outputs} numbers`, logits.length);
  return Array.from({ length: logits.length / outputs }, (_, pair) => {
    // The softmax of two numbers is the sigmoid of their difference.
    const margin = outputs === 1 ? logits[pair]! : logits[2 * pair + 1]! - logits[2 * pair]!;
    return 1 / (1 + Math.exp(-margin));
  });
}
