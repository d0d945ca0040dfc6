/** Positions of regions that belong to words of the text, as VisualBERT's pretraining has them. Pure. */
import { WeftError } from '../../errors.ts';

/**
 * The mean of the positions of the words that each region belongs to, zeros where it belongs to none.
 * @param alignment [texts, at least regions, words]: positions of words, -1 is none
 * @param table float32 [positions, width]
 * @returns float32 [texts, regions, width]. Throws `native/bad-argument` for an alignment of another shape.
 */
export function wordPositionMeans(
  { data, shape }: { readonly data: ArrayLike<number | bigint>; readonly shape: readonly number[] },
  table: Float32Array,
  [texts, regions, width]: readonly [number, number, number],
): Float32Array {
  const [count, rows = 0, words = 0] = shape;
  if (shape.length !== 3 || count !== texts || rows < regions || data.length !== texts * rows * words) {
    throw new WeftError('native/bad-argument', {
      operator: 'alignment of regions',
      argument: 'alignment',
      expected: `[${texts}, at least ${regions}, words]`,
      received: `[${shape.join(', ')}]`,
    });
  }
  const means = new Float32Array(texts * regions * width);
  for (let region = 0; region < texts * regions; region += 1) {
    const start = (Math.floor(region / regions) * rows + (region % regions)) * words;
    const places = Array.from({ length: words }, (_, word) => Number(data[start + word])).filter((place) => place >= 0);
    for (let index = 0; index < width; index += 1) {
      const sum = places.reduce((total, place) => total + table[place * width + index]!, 0);
      means[region * width + index] = sum / Math.max(1, places.length);
    }
  }
  return means;
}
