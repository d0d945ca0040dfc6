/** A language model read step by step: its mask, its cache, its memories. Must not choose tokens. */
import type { StackMemory } from '../../native/stack-input.ts';
import type { LanguageModel } from '../towers/language-model.ts';
import { sharedBranches } from './branch-steps.ts';
import { sharedCandidates } from './candidate-steps.ts';
import { itemsOf } from './items.ts';
import { cachedSteps, type DecodingSteps, type StepInput } from './steps.ts';

export interface LanguagePrompts {
  /** How many texts are written at once. */
  readonly batch: number;
  /** Of prompts padded on the left: 1 is a token, 0 is padding. Positions are then counted over the tokens. */
  readonly mask?: readonly (readonly number[])[] | undefined;
  /** What cross-attention reads, of each prompt, all seen or some of it by a mask; stays the caller's. */
  readonly memory?: readonly Pick<StackMemory, 'rows' | 'mask'>[] | undefined;
}

/** The model's head must read the last row. */
export function languageSteps(model: LanguageModel, { batch, mask, memory = [] }: LanguagePrompts): DecodingSteps {
  // A cache keeps the rows of memories; who sees them must be told again at every step.
  const isMasked = memory.some((one) => one.mask !== undefined);
  const canShare = batch === 1 && mask === undefined && memory.length === 0;
  const steps = cachedSteps({
    name: model.name,
    positions: model.positions,
    cache: model.newCache(batch),
    mask,
    async read(step, options) {
      const { ids, batch, mask, cache, isFirst } = step;
      const given = memory.length > 0 && (isFirst || isMasked) ? await memoryOf(step, memory, options.signal) : [];
      try {
        return await model.read(
          { ids, batch, ...(mask === undefined ? {} : { mask, positionsFromMask: true }) },
          { ...options, cache, ...(given.length === 0 ? {} : { memory: given }) },
        );
      } finally {
        for (const { rows } of given) rows.release();
      }
    },
  });
  const shared = () => sharedCandidates(model);
  return canShare ? Object.assign(steps, { shared, branches: () => sharedBranches(model) }) : steps;
}

/** The memories of the prompts that the texts go on from. */
function memoryOf(
  { origins }: StepInput,
  memory: readonly Pick<StackMemory, 'rows' | 'mask'>[],
  signal: AbortSignal | undefined,
): Promise<StackMemory[]> {
  return Promise.all(
    memory.map(async ({ rows, mask }) => {
      const length = rows.shape[1]!;
      const seen = mask && Array.from(mask as ArrayLike<number | bigint>, Number);
      const own = seen && origins.flatMap((prompt) => seen.slice(prompt * length, (prompt + 1) * length));
      return { rows: await itemsOf(rows, origins, signal), ...(own === undefined ? {} : { mask: own }) };
    }),
  );
}
