/**
 * Greedy decoding: every step appends the likeliest token, as transformers' `generate` does by default. Texts that have
 * ended are filled with padding while others go on.
 */
import { WeftError } from '../../errors.ts';
import type { LanguageModel } from '../towers/language-model.ts';

export interface GreedyPrompts {
  /** Texts of one length, padded on the left. */
  readonly ids: readonly (readonly number[])[];
  /** 1 is a token, 0 is padding; all tokens when left out. */
  readonly mask?: readonly (readonly number[])[];
}

export interface GreedyOptions {
  readonly maxNewTokens: number;
  /** Tokens that end a text. */
  readonly endIds: readonly number[];
  /** What fills a text that has ended. */
  readonly padId: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The prompts, each with what was written after it, all of one length. The model's head must read the last row.
 * Rejects with `model/bad-input` when prompt and new tokens do not fit, `run/cancelled`.
 */
export async function decodeGreedily(
  model: LanguageModel,
  { ids, mask }: GreedyPrompts,
  { maxNewTokens, endIds, padId, signal }: GreedyOptions,
): Promise<number[][]> {
  const texts = ids.map((row) => [...row]);
  const seen = mask === undefined ? texts.map((row) => row.map(() => 1)) : mask.map((row) => [...row]);
  const batch = texts.length;
  const ended = texts.map(() => false);
  const longest = (texts[0]?.length ?? 0) + maxNewTokens;
  if (longest > model.positions) {
    throw new WeftError('model/bad-input', {
      model: model.name,
      input: 'input_ids',
      expected: `at most ${model.positions} tokens, prompt and new ones together,`,
      received: `${longest}`,
    });
  }
  const cache = model.newCache(batch);
  try {
    let fresh = texts.flat();
    for (let step = 0; step < maxNewTokens && !ended.every(Boolean); step += 1) {
      const input = { ids: fresh, batch, mask: seen.flat(), positionsFromMask: true };
      const { head } = await model.read(input, { cache, outputs: { hidden: false }, signal });
      const logits = head!.toFloats();
      head!.release();
      const vocabulary = logits.length / batch;
      fresh = texts.map((text, index) => {
        const token = ended[index] ? padId : largest(logits, index * vocabulary, vocabulary);
        text.push(token);
        seen[index]!.push(1);
        ended[index] ||= endIds.includes(token);
        return token;
      });
    }
    return texts;
  } finally {
    cache.release();
  }
}

/** Index of the first largest number among `count` from `start`, counted from `start`. */
function largest(numbers: Float32Array, start: number, count: number): number {
  let best = 0;
  for (let index = 1; index < count; index += 1) {
    if (numbers[start + index]! > numbers[start + best]!) best = index;
  }
  return best;
}
