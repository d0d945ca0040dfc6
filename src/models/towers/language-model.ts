/**
 * A causal stack that writes texts: checks lengths, places left-padded tokens, keeps what it has read in a cache. Knows no
 * tokenizer and no way of choosing tokens.
 */
import { WeftError } from '../../errors.ts';
import type { KvCache, KvTree } from '../../native/kv-cache.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Integers, StackMemory } from '../../native/stack-input.ts';
import type { StackSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from './picture-tower.ts';
import { RowHead } from './row-head.ts';

export interface LanguageStack {
  /** Its head gives the logits of the next token, [.., vocabulary]. */
  readonly spec: StackSpec;
  /** Most tokens of one text, those written included. */
  readonly positions: number;
  /** Positions of a text's new tokens after `cached` ones, where they are not counted from there. */
  readonly place?: (ids: readonly number[], cached: number) => readonly number[];
}

export interface ReadInput {
  /** New tokens [batch, length], row-major. */
  readonly ids: Integers;
  /** Texts in `ids`; 1 when left out. */
  readonly batch?: number;
  /** [batch, cached + length]: 1 is a token, 0 is padding that no token sees. */
  readonly mask?: Integers;
  /**
   * Count positions over the tokens that are no padding, as texts padded on the left need it. Otherwise they are counted
   * over all, as transformers does without `position_ids`.
   */
  readonly positionsFromMask?: boolean;
}

export interface ReadOptions {
  /** What was read before; the new tokens join it. */
  readonly cache?: KvCache;
  /** One past that all texts of the batch share; the new tokens are branches of it. */
  readonly tree?: KvTree;
  /** What its cross-attentions read, where it has some. A cache keeps their rows, but not who sees them. */
  readonly memory?: readonly StackMemory[];
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

export class LanguageModel {
  /** How errors name it. */
  readonly name: string;
  readonly stack: Stack;
  readonly positions: number;
  readonly #place: LanguageStack['place'];
  readonly #head: RowHead | undefined;

  private constructor(stack: Stack, head: RowHead | undefined, { positions, place }: LanguageStack) {
    this.name = stack.name;
    this.stack = stack;
    this.positions = positions;
    this.#place = place;
    this.#head = head;
  }

  /** Rejects as `Stack.build` does. */
  static async build(language: LanguageStack, options: BuildOptions = {}): Promise<LanguageModel> {
    const { name, width, head } = language.spec;
    const stack = await Stack.build(language.spec, options);
    if (head === undefined) return new LanguageModel(stack, undefined, language);
    const { rows, skip, more = [], ...first } = head;
    // Its weights are packed already.
    return new LanguageModel(stack, await RowHead.build({ name, width, steps: [first, ...more] }, options), language);
  }

  /** An empty cache for `batch` texts. */
  newCache(batch = 1): KvCache {
    return this.stack.newCache(batch);
  }

  /** Rejects with `model/bad-input` for texts that are too long, and as `Stack.run` does. */
  async read(input: ReadInput, options: ReadOptions = {}): Promise<StackResult> {
    const { ids, batch = 1, mask } = input;
    const cached = (options.tree ?? options.cache)?.length ?? 0;
    const length = ids.length / batch;
    if (!Number.isSafeInteger(length) || length < 1 || cached + length > this.positions) {
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'input_ids',
        expected: `${batch} texts of one length, at most ${this.positions} tokens with the ${cached} read before,`,
        received: `${ids.length} tokens`,
      });
    }
    const positions = this.#positions(input, length, cached);
    return this.stack.run(
      { ids, batch, ...(positions === undefined ? {} : { positions }) },
      { ...options, ...(mask === undefined ? {} : { mask }) },
    );
  }

  /**
   * Logits [.., vocabulary] of hidden states [.., width], as the head reads them. For models with a head. Rejects as
   * `Stack.run` does.
   */
  logitsOf(hidden: Tensor, signal?: AbortSignal): Promise<Tensor> {
    return this.#head!.run(hidden, signal);
  }

  #positions({ ids, batch = 1, mask, positionsFromMask = false }: ReadInput, length: number, cached: number) {
    const place = this.#place;
    if (place === undefined) {
      return positionsFromMask && mask !== undefined ? placeByMask(mask, batch, length) : undefined;
    }
    const numbers = Array.from(ids as ArrayLike<number | bigint>, Number);
    return Array.from({ length: batch }, (_, text) =>
      place(numbers.slice(text * length, (text + 1) * length), cached),
    ).flat();
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.stack.release();
    this.#head?.release();
  }
}

/** Positions of the last `length` columns of a mask [batch, keys]: how many tokens stand before each. */
export function placeByMask(mask: Integers, batch: number, length: number): number[] {
  const keys = mask.length / batch;
  const positions: number[] = [];
  for (let text = 0; text < batch; text += 1) {
    let position = -1;
    for (let key = 0; key < keys; key += 1) {
      position += Number(mask[text * keys + key]);
      if (key >= keys - length) positions.push(Math.max(0, position));
    }
  }
  return positions;
}
