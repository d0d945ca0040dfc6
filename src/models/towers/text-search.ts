/**
 * Embeddings of many texts that begin alike, again and again, as a search over continuations needs them. For towers whose
 * tokens see only what is before them: keys of the common beginning are kept from call to call, and of what differs each
 * distinct beginning is computed once, all in one run. Must not know tokenizers.
 */
import { gatherRows } from '../../native/arrange.ts';
import type { KvCache } from '../../native/kv-cache.ts';
import { Tensor } from '../../native/tensor.ts';
import type { CausalReading, TextTower } from './text-tower.ts';
import { commonLength, TokenTrie } from './token-trie.ts';

type Signal = AbortSignal | undefined;

/** Attention among the rows of a run grows with their square: beyond this many, further runs are cheaper. */
const MOST_ROWS = 384;

export class TextSearch {
  readonly #tower: TextTower;
  readonly #reading: CausalReading;
  readonly #cache: KvCache;
  #rows = 0;
  /** Tokens whose keys the cache holds. */
  #cached: readonly number[] = [];

  /** `reading` is the tower's. */
  constructor(tower: TextTower, reading: CausalReading) {
    this.#tower = tower;
    this.#reading = reading;
    this.#cache = tower.stack.newCache();
  }

  /** How many rows it has computed so far. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * What the tower's head gives for texts of any lengths, [texts, outputs]; equal ones are computed once. One call at a time.
   * Rejects as `Stack.run` does; the cache then still fits.
   */
  async embed(texts: readonly (readonly number[])[], signal?: Signal): Promise<Float32Array[]> {
    const paths = texts.map((ids) => ids.slice(0, this.#reading.headRow(ids) + 1));
    // The row that is read must be computed now, so it is never one of those kept.
    const common = Math.min(commonLength(paths), Math.min(...paths.map((path) => path.length)) - 1);
    const known = commonLength([this.#cached, paths[0]!.slice(0, common)]);
    this.#crop(known);
    const rows: Float32Array[] = [];
    for (let start = 0; start < paths.length; ) {
      const kept = this.#cached.length;
      const trie = new TokenTrie();
      const ends: number[] = [];
      for (const path of paths.slice(start)) {
        const tail = path.slice(kept);
        if (ends.length > 0 && trie.size + trie.missing(tail) > MOST_ROWS) break;
        ends.push(trie.add(tail));
      }
      rows.push(...(await this.#run(trie, ends, signal)));
      // The first rows of the run were the common beginning.
      this.#cached = paths[0]!.slice(0, common);
      this.#cache.crop(common);
      start += ends.length;
    }
    return rows;
  }

  /** Lets go of the keys; again is harmless. */
  release(): void {
    this.#cache.release();
  }

  async #run(trie: TokenTrie, ends: readonly number[], signal: Signal): Promise<Float32Array[]> {
    const before = this.#cache.length;
    const { stack } = this.#tower;
    using bias = trie.isChain ? undefined : Tensor.from(trie.bias(before), [1, 1, trie.size, before + trie.size]);
    const positions = trie.depths.map((depth) => before + depth);
    const { hidden } = await stack.run(
      { ids: trie.ids, positions },
      {
        ...{ cache: this.#cache, headRows: [0], outputs: { hidden: true, head: false }, signal },
        ...(bias === undefined ? {} : { bias }),
      },
    );
    using states = hidden!;
    this.#rows += trie.size;
    const distinct = [...new Set(ends)];
    using read = await gatherRows(states, Int32Array.from(distinct), [distinct.length], { signal });
    using embeddings = await this.#reading.embed(read, signal);
    const [, dim = 0] = embeddings.shape;
    const floats = embeddings.toFloats();
    const places = new Map(distinct.map((end, place) => [end, place]));
    return ends.map((end) => floats.subarray(places.get(end)! * dim, (places.get(end)! + 1) * dim));
  }

  #crop(length: number): void {
    this.#cache.crop(length);
    this.#cached = this.#cached.slice(0, length);
  }
}
