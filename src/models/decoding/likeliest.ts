/** The likeliest tokens of a step and their probabilities, of the softmax over the whole vocabulary. Pure. */
import { WeftError } from '../../errors.ts';

export interface LikeliestTokens {
  /** Likeliest first; of equal ones the lower number first. */
  readonly tokens: readonly number[];
  readonly probabilities: readonly number[];
}

/** Throws `model/bad-input` for more than there are, `native/not-finite` for logits that are no distribution. */
export function likeliest(logits: Float32Array, k: number, model: string): LikeliestTokens {
  if (!Number.isSafeInteger(k) || k < 1 || k > logits.length) {
    const expected = `from 1 to ${logits.length} candidates, as many as its vocabulary has,`;
    throw new WeftError('model/bad-input', { model, input: 'k', expected, received: String(k) });
  }
  const tokens = largest(logits, k);
  const most = logits[tokens[0]!]!;
  let sum = 0;
  for (let token = 0; token < logits.length; token += 1) sum += Math.exp(logits[token]! - most);
  // NaN anywhere, or an infinite maximum, ends here.
  if (!Number.isFinite(sum)) {
    const reason = 'the logits of the next token hold NaN or infinite numbers';
    throw new WeftError('native/not-finite', { operator: model, reason });
  }
  return { tokens, probabilities: tokens.map((token) => Math.exp(logits[token]! - most) / sum) };
}

/** Places of the k largest numbers, largest first; of equal ones the earlier first. */
export function largest(numbers: Float32Array, k: number): number[] {
  // A heap whose root is the least of those kept: most numbers are compared with it alone.
  const heap: number[] = [];
  const isLess = (a: number, b: number) => numbers[a]! < numbers[b]! || (numbers[a]! === numbers[b]! && a > b);
  const sink = (start: number) => {
    for (let at = start; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isLess(heap[child]!, heap[least]!)) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  };
  for (let place = 0; place < k; place += 1) heap.push(place);
  for (let at = k >> 1; at >= 0; at -= 1) sink(at);
  let floor = numbers[heap[0]!]!;
  for (let place = k; place < numbers.length; place += 1) {
    if (!(numbers[place]! > floor)) continue;
    heap[0] = place;
    sink(0);
    floor = numbers[heap[0]!]!;
  }
  return heap.sort((a, b) => numbers[b]! - numbers[a]! || a - b);
}
