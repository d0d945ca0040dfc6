/** How probable it is that texts describe a picture, from two logits of each: no match, match. Knows no family. */
import { gatherRows, reshape } from '../../native/arrange.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ScoresValue } from '../../protocol/value.ts';
import { probabilities, rankedScores } from './ranking.ts';
import type { TaskOptions } from './task.ts';

/** More texts at once gain nothing and cost memory: each reads the whole picture. */
const TEXTS_PER_RUN = 16;

/**
 * @param picture rows [1, rows, width], which stay the caller's
 * @param judge gives logits [texts, 2] of some of the texts, with the picture's rows for each of them [texts, rows, width]
 */
export async function matchTexts(
  picture: Tensor,
  texts: readonly string[],
  subject: string | undefined,
  options: TaskOptions,
  judge: (texts: readonly string[], rows: Tensor) => Promise<Tensor>,
): Promise<ScoresValue> {
  const scores: number[] = [];
  for (let start = 0; start < texts.length; start += TEXTS_PER_RUN) {
    const some = texts.slice(start, start + TEXTS_PER_RUN);
    using rows = await repeated(picture, some.length, options.signal);
    const pairs = await probabilities(await judge(some, rows), 'softmax', options);
    scores.push(...pairs.filter((_, index) => index % 2 === 1));
  }
  return rankedScores(Float32Array.from(scores), texts, subject);
}

/** [1, rows, width] as [times, rows, width]. */
async function repeated(picture: Tensor, times: number, signal: AbortSignal | undefined): Promise<Tensor> {
  const [, rows = 0, width = 0] = picture.shape;
  using flat = reshape(picture, [1, rows * width]);
  using all = await gatherRows(flat, new Int32Array(times), [times], { signal });
  return reshape(all, [times, rows, width]);
}
