/**
 * A language model that reads rows: words become rows first, and those of pictures take the place of some or stand before
 * them, before the model places and reads all alike. Knows neither pictures nor how tokens are chosen.
 */
import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows, reshape } from '../../native/arrange.ts';
import type { KvCache } from '../../native/kv-cache.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Integers, StackMemory } from '../../native/stack-input.ts';
import type { StackSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { type LanguageStack, placeByMask } from './language-model.ts';
import type { BuildOptions } from './picture-tower.ts';

export interface RowInput {
  /** [batch, length, width] as `embed` gives them. */
  readonly rows: Tensor;
  /** [batch, cached + length]: 1 is seen, 0 is padding. */
  readonly mask?: Integers | undefined;
  /** Count positions over what is seen, as rows padded on the left need it; else they are counted over all. */
  readonly positionsFromMask?: boolean;
}

export interface RowReadOptions {
  readonly cache?: KvCache;
  readonly memory?: readonly StackMemory[];
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

/** Rows that stand for some of the words. */
export interface Inserted {
  /** [.., width]. */
  readonly rows: Tensor;
  /** For each id the row that stands in its place; undefined where the word stands. */
  readonly rowOf: readonly (number | undefined)[];
}

export class RowLanguageModel {
  readonly name: string;
  readonly width: number;
  readonly layers: number;
  /** Most rows of one text. */
  readonly positions: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  readonly #words: Stack;
  /** Positions, and the row of the first one. */
  readonly #places: { readonly table: Stack; readonly first: number } | undefined;
  readonly #body: Stack;

  private constructor(
    words: Stack,
    places: { readonly table: Stack; readonly first: number } | undefined,
    body: Stack,
    positions: number,
  ) {
    this.name = body.name;
    this.width = body.width;
    this.layers = body.layers;
    this.positions = positions;
    this.bytes = words.bytes + (places?.table.bytes ?? 0) + body.bytes;
    this.#words = words;
    this.#places = places;
    this.#body = body;
  }

  /** Of a model that reads ids. Rejects with `model/unsupported` where its words are more than rows, and as `Stack.build` does. */
  static async build({ spec, positions, place }: LanguageStack, options: BuildOptions = {}): Promise<RowLanguageModel> {
    const { tokens, ...body } = spec;
    if (tokens === undefined || tokens.norm !== undefined || tokens.segments !== undefined || place !== undefined) {
      throw new WeftError('model/unsupported', {
        model: spec.name,
        expected: 'a language model whose words become rows without a norm, and are placed one after the other',
        received:
          tokens === undefined ? 'one without words' : 'embeddings with a norm, segments or places of their own',
      });
    }
    const { positions: table, positionOffset: first = 0, ...words } = tokens;
    const part = (name: string, more: Partial<StackSpec>) =>
      Stack.build({ name: `${spec.name} (${name})`, width: spec.width, layers: [], ...more }, options);
    return new RowLanguageModel(
      await part('words', { tokens: words }),
      table && { table: await part('positions', { tokens: { tokens: table } }), first },
      await Stack.build(body, options),
      positions,
    );
  }

  /** An empty cache for `batch` texts. */
  newCache(batch = 1): KvCache {
    return this.#body.newCache(batch);
  }

  /** Ids [batch, length] as rows [batch, length, width]. Rejects as `Stack.run` does. */
  async embed(
    ids: readonly number[],
    batch: number,
    inserted?: Inserted | undefined,
    signal?: AbortSignal | undefined,
  ): Promise<Tensor> {
    const { rows, rowOf = [] } = inserted ?? {};
    const words = ids.map((id, place) => (rowOf[place] === undefined ? id : 0));
    const { hidden } = await this.#words.run({ ids: words, batch }, { signal });
    if (rows === undefined || rowOf.every((row) => row === undefined)) return hidden!;
    using read = hidden!;
    using flat = reshape(read, [ids.length, this.width]);
    using others = reshape(rows, [rows.count / this.width, this.width]);
    using all = await concat([flat, others], 0, { signal });
    const chosen = Int32Array.from(ids, (_, place) => {
      const row = rowOf[place];
      return row === undefined ? place : ids.length + row;
    });
    return await gatherRows(all, chosen, [batch, ids.length / batch], { signal });
  }

  /**
   * A prefix [batch, rows, width], which stays the caller's, and ids [batch, length] behind it as rows; there may be no ids.
   * Rejects with `model/bad-input` for a prefix of another batch or width, and as `Stack.run` does.
   */
  async embedAfter(
    prefix: Tensor,
    ids: readonly number[],
    batch: number,
    signal?: AbortSignal | undefined,
  ): Promise<Tensor> {
    const { shape } = prefix;
    if (shape.length !== 3 || shape[0] !== batch || shape[2] !== this.width) {
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'prefix',
        expected: `[${batch} x rows x ${this.width}]`,
        received: `[${shape.join(' x ')}]`,
      });
    }
    if (ids.length === 0) return reshape(prefix, shape);
    using words = await this.embed(ids, batch, undefined, signal);
    return await concat([prefix, words], 1, { signal });
  }

  /**
   * Rows [.., width] that stand for a placeholder, in order, from the first text to the last. Throws `model/bad-input` where
   * there are not as many places as rows.
   */
  insert(ids: readonly number[], rows: Tensor, placeholder: number): Inserted {
    const count = rows.count / this.width;
    const places = ids.filter((id) => id === placeholder).length;
    if (places !== count) {
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'input_ids',
        expected: `${count} tokens ${placeholder}, one for each row of the pictures,`,
        received: `${places}`,
      });
    }
    let next = 0;
    return { rows, rowOf: ids.map((id) => (id === placeholder ? next++ : undefined)) };
  }

  /** Rejects with `model/bad-input` for texts that are too long, and as `Stack.run` does. */
  async read({ rows, mask, positionsFromMask = false }: RowInput, options: RowReadOptions = {}): Promise<StackResult> {
    const [batch = 1, length = 0] = rows.shape;
    const cached = options.cache?.length ?? 0;
    if (cached + length > this.positions) {
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'input_ids',
        expected: `at most ${this.positions} tokens with the ${cached} read before`,
        received: `${length}`,
      });
    }
    const positions =
      mask !== undefined && positionsFromMask
        ? placeByMask(mask, batch, length)
        : Array.from({ length: batch * length }, (_, index) => cached + (index % length));
    const seen = { ...options, ...(mask === undefined ? {} : { mask }) };
    if (this.#places === undefined) return this.#body.run({ rows, positions }, seen);
    const { table, first } = this.#places;
    const ids = positions.map((position) => position + first);
    const { hidden } = await table.run({ ids, batch }, { signal: options.signal });
    using places = hidden!;
    using placed = await add(rows, places, { signal: options.signal });
    return this.#body.run({ rows: placed }, seen);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const stack of [this.#words, this.#places?.table, this.#body]) stack?.release();
  }
}
