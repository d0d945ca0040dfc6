/**
 * Keys and values that a causal stack has read, held by the addon. One run at a time.
 */
import { WeftError } from '../errors.ts';
import { type NativeHandle, nativeAddon } from './loader.ts';
import { nativeError } from './native-error.ts';
import { Tensor } from './tensor.ts';

/** What the two kinds share: a handle that ends, a batch and a length the addon tells. */
abstract class Held {
  #handle: NativeHandle<'cache'> | undefined;
  #batch: number;
  #length: number;

  protected constructor(handle: NativeHandle<'cache'>, batch: number, length: number) {
    this.#handle = handle;
    this.#batch = batch;
    this.#length = length;
  }

  /** Items, or branches. */
  get batch(): number {
    return this.#batch;
  }

  /** Tokens that each item sees, a tree's prefix included. */
  get length(): number {
    return this.#length;
  }

  /** For other wrappers of this folder. Throws `native/released`. */
  get handle(): NativeHandle<'cache'> {
    if (this.#handle === undefined) throw new WeftError('native/released', { what: 'cache' });
    return this.#handle;
  }

  /** Reads batch and length again, after a run. */
  refresh(): void {
    const { batch, length } = nativeAddon().cacheState(this.handle);
    this.#batch = batch;
    this.#length = length;
  }

  /** Lets go of the memory; again is harmless. */
  release(): void {
    if (this.#handle === undefined) return;
    nativeAddon().releaseCache(this.#handle);
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  protected change<T>(operator: string, work: () => T): T {
    let result: T;
    try {
      result = work();
    } catch (error) {
      throw nativeError(operator, error);
    }
    this.refresh();
    return result;
  }

  protected refuse(operator: string, argument: string, expected: string, received: unknown): never {
    throw new WeftError('native/bad-argument', { operator, argument, expected, received: String(received) });
  }
}

export class KvCache extends Held {
  constructor(handle: NativeHandle<'cache'>, batch: number, length = 0) {
    super(handle, batch, length);
  }

  /** Keeps the first `length` tokens. Throws `native/bad-argument`, `native/wrong-cache` while a run uses it. */
  crop(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.length) {
      this.refuse('crop', 'length', `a whole number from 0 to ${this.length}`, length);
    }
    this.change('crop', () => nativeAddon().cropCache(this.handle, length));
  }

  /**
   * Item i becomes a copy of what item items[i] was; the batch becomes as long as `items`. Takes no time: the next run
   * moves the numbers, on the addon's threads. Throws as `crop` does.
   */
  reorder(items: readonly number[]): void {
    if (items.length === 0 || !items.every((item) => Number.isSafeInteger(item) && item >= 0 && item < this.batch)) {
      this.refuse('reorder', 'items', `item numbers from 0 to ${this.batch - 1}`, `[${items}]`);
    }
    this.change('reorder', () => nativeAddon().reorderCache(this.handle, Uint32Array.from(items)));
  }

  /**
   * What self-attention number `attention` (counted from 0) holds, both float32 [batch, key heads, length, head size]:
   * copies, to look at. Throws `native/bad-argument`, `native/wrong-cache` while a run uses it.
   */
  read(attention: number): { readonly keys: Tensor; readonly values: Tensor } {
    if (!Number.isSafeInteger(attention) || attention < 0) {
      this.refuse('read', 'attention', 'a whole number from 0', attention);
    }
    const { keys, values } = this.change('read', () => nativeAddon().readCache(this.handle, attention));
    return { keys: Tensor.adopt(keys.handle, keys.shape), values: Tensor.adopt(values.handle, values.shape) };
  }

  /** A copy that goes its own way; memory is shared until one of the two is written to. */
  fork(): KvCache {
    return this.change('fork', () => new KvCache(nativeAddon().forkCache(this.handle), this.batch, this.length));
  }

  /** Branches that continue this cache, which must have a batch of 1. Throws `native/bad-argument`. */
  branch(branches: number): KvTree {
    if (this.batch !== 1) this.refuse('branch', 'cache', 'a batch of 1', this.batch);
    if (!Number.isSafeInteger(branches) || branches < 1) {
      this.refuse('branch', 'branches', 'a whole number from 1', branches);
    }
    return this.change('branch', () => new KvTree(nativeAddon().newTree(this.handle, branches), branches, this.length));
  }
}

/** One shared prefix, kept once, and branches that each have their own tail. */
export class KvTree extends Held {
  constructor(handle: NativeHandle<'cache'>, branches: number, length: number) {
    super(handle, branches, length);
  }

  /** Forgets the tails and starts as many branches. Throws `native/bad-argument`. */
  clear(branches: number = this.batch): void {
    if (!Number.isSafeInteger(branches) || branches < 1) {
      this.refuse('clear', 'branches', 'a whole number from 1', branches);
    }
    this.change('clear', () => nativeAddon().clearTree(this.handle, branches));
  }

  /** The first `count` tokens of a branch's tail join the prefix; all tails are forgotten. Throws `native/bad-argument`. */
  commit(branch: number, count: number): void {
    if (!Number.isSafeInteger(branch) || branch < 0 || branch >= this.batch) {
      this.refuse('commit', 'branch', `a whole number from 0 to ${this.batch - 1}`, branch);
    }
    this.change('commit', () => nativeAddon().commitTree(this.handle, branch, count));
  }
}
