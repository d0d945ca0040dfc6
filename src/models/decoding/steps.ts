/**
 * What every way of decoding works on: texts of a batch that are read step by step. Greedy search, beams, sampling and
 * contrastive search see this and no model. Must not choose tokens.
 *
 * A family makes one per call of its task, a decoder uses it up:
 *   const steps = languageSteps(model, { batch: prompts.length, mask });
 *   const texts = await decodeGreedily(steps, prompts, { maxNewTokens: 20, ...ids });
 * The first step reads the prompts, and whatever stands before them (rows of pictures, memories); each further one reads a
 * single token of each text. Beams call `reorder` between steps, which may change the batch.
 */
import type { KvCache } from '../../native/kv-cache.ts';
import type { StackResult } from '../../native/stack.ts';
import type { BranchSteps } from './branch-steps.ts';
import type { CandidateSteps } from './candidate-steps.ts';

export interface StepOptions {
  /** Give the last hidden states [batch, rows read, width] too. */
  readonly hidden?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface DecodingSteps {
  /** How errors name the model. */
  readonly name: string;
  /** Most tokens of one text: its prompt and what is written. */
  readonly positions: number;
  readonly batch: number;
  /** Something stands before the prompts, so that they may be empty. */
  readonly hasPrefix?: boolean;
  /**
   * Reads the next tokens [batch, length], row-major: the prompts, then one token for each text. `head` holds the logits
   * [batch, vocabulary] of the token after them. Rejects as `Stack.run` does; what was read before then still stands.
   */
  readonly read: (ids: readonly number[], options?: StepOptions) => Promise<StackResult>;
  /** Text i goes on from what text items[i] was. */
  readonly reorder: (items: readonly number[]) => void;
  /** Remembers a single text as it stands; the function goes back to it, whatever was read or reordered since. */
  readonly mark?: () => () => void;
  /** The same text with candidates that share its past, where the model can. */
  readonly shared?: () => CandidateSteps;
  /** The same text with branches that share its past, where the model can. */
  readonly branches?: () => BranchSteps;
  /** Lets go of keys and values. */
  readonly release: () => void;
}

/** One step as a family runs it. */
export interface StepInput {
  readonly ids: readonly number[];
  readonly batch: number;
  /** The prompts are read now; else single tokens. */
  readonly isFirst: boolean;
  /** [batch, rows of the cache and new ones]: 1 is seen, 0 is padding; left out where the prompts have no padding. */
  readonly mask?: readonly number[];
  readonly cache: KvCache;
  /** The prompt that each text goes on from, for what a family holds of each prompt. */
  readonly origins: readonly number[];
}

export interface CachedModel {
  readonly name: string;
  readonly positions: number;
  /** Empty; its batch is that of the prompts. */
  readonly cache: KvCache;
  /** As in DecodingSteps. */
  readonly hasPrefix?: boolean;
  /** Of all rows that the first step reads, for each prompt. */
  readonly mask?: readonly (readonly number[])[] | undefined;
  readonly read: (
    step: StepInput,
    options: { readonly outputs: { readonly hidden: boolean }; readonly signal?: AbortSignal | undefined },
  ) => Promise<StackResult>;
  /** Beside the cache. */
  readonly release?: () => void;
}

/** Steps over a cache of keys and values: masks grow with the texts and follow `reorder`, as the cache does. */
export function cachedSteps({
  name,
  positions,
  cache,
  hasPrefix = false,
  mask,
  read,
  release,
}: CachedModel): DecodingSteps {
  let origins: readonly number[] = Array.from({ length: cache.batch }, (_, prompt) => prompt);
  let seen = mask?.map((row) => [...row]);
  return {
    name,
    positions,
    hasPrefix,
    get batch() {
      return cache.batch;
    },
    async read(ids, { hidden = false, signal } = {}) {
      const batch = cache.batch;
      const isFirst = cache.length === 0;
      const grown = isFirst ? seen : seen?.map((row) => [...row, ...Array<number>(ids.length / batch).fill(1)]);
      const step = { ids, batch, isFirst, cache, origins, ...(grown === undefined ? {} : { mask: grown.flat() }) };
      const result = await read(step, { outputs: { hidden }, signal });
      seen = grown;
      return result;
    },
    mark() {
      const { length } = cache;
      const seenThen = seen;
      const originsThen = origins;
      return () => {
        // All texts have the same beginning: the one that was there.
        cache.reorder([0]);
        cache.crop(length);
        seen = seenThen;
        origins = originsThen;
      };
    },
    reorder(items) {
      cache.reorder(items);
      origins = items.map((item) => origins[item]!);
      seen = seen && items.map((item) => [...seen![item]!]);
    },
    release() {
      cache.release();
      release?.();
    },
  };
}
