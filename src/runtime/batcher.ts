/**
 * Collects items of one node into calls of several: full, or waited long enough, or nothing else to wait for.
 * A call that fails as a whole is repeated item by item, so that one bad item does not take its companions along.
 */
import { WeftError } from '../errors.ts';
import type { Outputs } from './memory-cache.ts';

export interface BatchEntry<I> {
  readonly inputs: I;
  readonly done: (result: Outputs | WeftError) => void;
  readonly locate: (thrown: unknown) => WeftError;
  readonly started: () => void;
}

export interface BatcherOptions<I> {
  readonly size: number;
  readonly delay: number;
  /** Queues a call; it must not reject. */
  readonly call: (start: () => Promise<void>) => void;
  readonly run: (inputs: readonly I[]) => Promise<readonly (Outputs | WeftError)[]>;
  /** Whether the run was stopped: a failure then is no reason to repeat. */
  readonly isStopped: () => boolean;
}

export class Batcher<I> {
  readonly #options: BatcherOptions<I>;
  #entries: BatchEntry<I>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: BatcherOptions<I>) {
    this.#options = options;
  }

  get isWaiting(): boolean {
    return this.#entries.length > 0;
  }

  add(entry: BatchEntry<I>): void {
    this.#entries.push(entry);
    if (this.#entries.length >= this.#options.size) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#options.delay);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#options.call(() => this.#run(entries, true));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries = [];
  }

  async #run(entries: readonly BatchEntry<I>[], isFirst: boolean): Promise<void> {
    if (isFirst) for (const entry of entries) entry.started();
    try {
      const results = await this.#options.run(entries.map(({ inputs }) => inputs));
      for (const [index, { done, locate }] of entries.entries()) {
        const result = results[index]!;
        done(result instanceof WeftError ? locate(result) : result);
      }
    } catch (thrown) {
      if (entries.length === 1 || this.#options.isStopped())
        for (const { done, locate } of entries) done(locate(thrown));
      else for (const entry of entries) this.#options.call(() => this.#run([entry], false));
    }
  }
}
