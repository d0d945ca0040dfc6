/** What may stand at the masks of a text: where they are, and the best words of the vocabulary. Knows no family. */
import { WeftError } from '../../errors.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ScoresValue } from '../../protocol/value.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { best, probabilities } from './ranking.ts';
import type { TaskOptions } from './task.ts';

/** BERT's and RoBERTa's. */
const MASKS = ['[MASK]', '<mask>'];
/** Words given for each mask. */
const MOST = 1000;

/**
 * Places of the masks among the tokens of one text. Throws `model/bad-config` for a tokenizer without a mask,
 * `model/bad-input` for a text without one.
 */
export function maskPlaces(model: string, tokenizer: Tokenizer, ids: Integers): number[] {
  const token = MASKS.find((one) => tokenizer.idOf(one) !== undefined);
  if (token === undefined) {
    const expected = `a mask, ${MASKS.join(' or ')},`;
    throw new WeftError('model/bad-config', { model, file: 'tokenizer.json', expected, received: 'none' });
  }
  const id = tokenizer.idOf(token);
  const places = Array.from(ids as ArrayLike<number | bigint>, Number).flatMap((one, place) =>
    one === id ? [place] : [],
  );
  if (places.length > 0) return places;
  throw new WeftError('model/bad-input', { model, input: 'text', expected: `at least one ${token}`, received: 'none' });
}

/** Of logits [..., masks, vocabulary] of one text, which are let go. Rejects as `probabilities` does. */
export async function fillMasks(
  logits: Tensor,
  tokenizer: Tokenizer,
  options: TaskOptions = {},
): Promise<readonly ScoresValue[]> {
  const vocabulary = logits.shape.at(-1)!;
  const scores = await probabilities(logits, 'softmax', options);
  const nameOf = (id: number) => tokenizer.decode([id], { skipSpecialTokens: false }).trim();
  return Array.from({ length: scores.length / vocabulary }, (_, mask) => {
    const row = scores.slice(mask * vocabulary, (mask + 1) * vocabulary);
    return { kind: 'Scores', entries: best(row, nameOf, MOST), normalized: true };
  });
}
