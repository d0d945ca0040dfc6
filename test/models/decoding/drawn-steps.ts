/** Steps of a model that is no model: logits drawn from the text so far, the same for the same text. */
import { drawNumber } from '../../../src/models/decoding/draw-number.ts';
import type { DecodingSteps } from '../../../src/models/decoding/steps.ts';
import { Tensor } from '../../../src/native/tensor.ts';

export interface DrawnSteps extends DecodingSteps {
  released: number;
  /** How many texts each step read. */
  readonly batches: number[];
}

/** Between -3 and 3. */
export function drawnLogits(text: readonly number[], vocabulary: number): Float32Array {
  const seed = text.reduce((hash, token) => (hash * 31 + token + 1) % 1_000_003, 7);
  return Float32Array.from({ length: vocabulary }, (_, token) => 6 * drawNumber(seed, token, 0) - 3);
}

export function drawnSteps(batch: number, vocabulary: number, logits = drawnLogits): DrawnSteps {
  let texts: number[][] = Array.from({ length: batch }, () => []);
  return {
    name: 'test/drawn',
    positions: 32,
    released: 0,
    batches: [],
    get batch() {
      return texts.length;
    },
    async read(ids) {
      const length = ids.length / texts.length;
      this.batches.push(texts.length);
      texts = texts.map((text, index) => [...text, ...ids.slice(index * length, (index + 1) * length)]);
      const data = Float32Array.from(texts.flatMap((text) => [...logits(text, vocabulary)]));
      return { hidden: undefined, head: Tensor.from(data, [texts.length, vocabulary]), hiddenStates: [] };
    },
    reorder(items) {
      texts = items.map((item) => [...texts[item]!]);
    },
    release() {
      this.released += 1;
    },
  };
}

/** Log-probability of the tokens after the prompt. */
export function logProbability(prompt: readonly number[], written: readonly number[], vocabulary: number): number {
  let sum = 0;
  for (const [place, token] of written.entries()) {
    const logits = drawnLogits([...prompt, ...written.slice(0, place)], vocabulary);
    const powers = logits.reduce((all, one) => all + Math.exp(one), 0);
    sum += logits[token]! - Math.log(powers);
  }
  return sum;
}
