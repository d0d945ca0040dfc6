/** A language model read step by step: its mask, its cache, its memories. Must not choose tokens. */
import type { StackMemory } from '../../native/stack-input.ts';
import type { LanguageModel } from '../towers/language-model.ts';
import { cachedSteps, type DecodingSteps } from './steps.ts';

export interface LanguagePrompts {
  /** How many texts are written at once. */
  readonly batch: number;
  /** Of prompts padded on the left: 1 is a token, 0 is padding. Positions are then counted over the tokens. */
  readonly mask?: readonly (readonly number[])[] | undefined;
  /** What cross-attention reads, of each prompt; stays the caller's. */
  readonly memory?: readonly StackMemory[] | undefined;
}

/** The model's head must read the last row. */
export function languageSteps(model: LanguageModel, { batch, mask, memory }: LanguagePrompts): DecodingSteps {
  return cachedSteps({
    name: model.name,
    positions: model.positions,
    cache: model.newCache(batch),
    mask,
    read: ({ ids, batch, mask, cache, isFirst }, options) =>
      model.read(
        { ids, batch, ...(mask === undefined ? {} : { mask, positionsFromMask: true }) },
        { ...options, cache, ...(memory !== undefined && (isFirst || isMasked(memory)) ? { memory } : {}) },
      ),
  });
}

/** A cache keeps the rows of memories; who sees them must be told again at every step. */
function isMasked(memory: readonly StackMemory[]): boolean {
  return memory.some(({ mask }) => mask !== undefined);
}
