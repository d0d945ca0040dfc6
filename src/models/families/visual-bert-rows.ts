/** What VisualBERT's heads read besides the pooled row. Pure, but for numbers that are small. */
import { WeftError } from '../../errors.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { Tokens } from '../towers/text-tower.ts';

/**
 * The row that answers are read from: the last but one of each text's tokens, the one before [SEP].
 * Throws `model/bad-input` for a text of fewer than two tokens.
 */
export function questionRows({ ids, batch = 1, mask }: Tokens, model: string): number[] {
  const length = ids.length / batch;
  const seen = mask === undefined ? undefined : Array.from(mask as ArrayLike<number | bigint>, Number);
  return Array.from({ length: batch }, (_, text) => {
    const count = seen?.slice(text * length, (text + 1) * length).reduce((sum, one) => sum + one, 0) ?? length;
    if (count >= 2) return count - 2;
    const expected = 'questions of at least two tokens';
    throw new WeftError('model/bad-input', { model, input: 'attention_mask', expected, received: `${count}` });
  });
}

/**
 * How well each region fits each phrase: phrase . region / sqrt(width), of [texts, phrases, width] and
 * [texts, regions, width]. Gives float32 [texts, phrases, regions].
 */
export function phraseScores(phrases: Tensor, regions: Tensor): Float32Array {
  const [texts = 0, count = 0, width = 1] = phrases.shape;
  const [, others = 0] = regions.shape;
  const [left, right] = [phrases.toFloats(), regions.toFloats()];
  return Float32Array.from({ length: texts * count * others }, (_, place) => {
    const phrase = Math.floor(place / others) * width;
    const region = (Math.floor(place / (count * others)) * others + (place % others)) * width;
    let sum = 0;
    for (let index = 0; index < width; index += 1) sum += left[phrase + index]! * right[region + index]!;
    return sum / Math.sqrt(width);
  });
}
