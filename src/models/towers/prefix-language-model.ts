/**
 * A language model that goes on from rows instead of words: a prefix [batch, rows, width] stands before the text, and is
 * placed and read as its words are. Knows neither where the prefix comes from nor how tokens are chosen.
 */
import { WeftError } from '../../errors.ts';
import { add, concat, reshape } from '../../native/arrange.ts';
import type { KvCache } from '../../native/kv-cache.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { TokenEmbeddingSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { cachedSteps, type DecodingSteps } from '../decoding/steps.ts';
import type { LanguageStack } from './language-model.ts';
import type { BuildOptions } from './picture-tower.ts';

export interface PrefixedText {
  /** [batch, rows, width]; left out where the cache holds it. */
  readonly prefix?: Tensor | undefined;
  /** [batch, length] after the prefix; may be empty. */
  readonly ids: readonly number[];
  readonly batch: number;
  /** [batch, rows read before and new ones]: 1 is there, 0 is padding. */
  readonly mask?: Integers | undefined;
}

export interface PrefixReadOptions {
  readonly cache?: KvCache;
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

export class PrefixLanguageModel {
  readonly name: string;
  readonly width: number;
  /** Most rows, those of the prefix included. */
  readonly positions: number;
  readonly bytes: number;
  readonly #words: Stack;
  readonly #places: Stack;
  readonly #body: Stack;

  private constructor(words: Stack, places: Stack, body: Stack, positions: number) {
    this.name = body.name;
    this.width = body.width;
    this.positions = positions;
    this.bytes = words.bytes + places.bytes + body.bytes;
    this.#words = words;
    this.#places = places;
    this.#body = body;
  }

  /**
   * Of a model whose positions are a table and whose embeddings have nothing else. Rejects with `model/unsupported` for
   * another, and as `Stack.build` does.
   */
  static async build(
    { spec, positions, place }: LanguageStack,
    options: BuildOptions = {},
  ): Promise<PrefixLanguageModel> {
    const { tokens, ...body } = spec;
    const { tokens: words, positions: places, ...others } = tokens ?? ({} as Partial<TokenEmbeddingSpec>);
    if (words === undefined || places === undefined || place !== undefined || Object.keys(others).length > 0) {
      throw new WeftError('model/unsupported', {
        model: spec.name,
        expected: 'a language model of word embeddings and a table of positions',
        received: `embeddings of ${Object.keys(tokens ?? {}).join(', ') || 'another kind'}`,
      });
    }
    const { name, width } = spec;
    const built = await Promise.all([
      Stack.build({ name: `${name} words`, width, tokens: { tokens: words }, layers: [] }, options),
      Stack.build({ name: `${name} positions`, width, tokens: { tokens: places }, layers: [] }, options),
      Stack.build(body, options),
    ]);
    return new PrefixLanguageModel(...built, positions);
  }

  /** How many layers' hidden states there are. */
  get layers(): number {
    return this.#body.layers;
  }

  /** Rejects with `model/bad-input` for texts that are too long or of another width, and as `Stack.run` does. */
  async read({ prefix, ids, batch, mask }: PrefixedText, options: PrefixReadOptions = {}): Promise<StackResult> {
    const { signal } = options;
    const cached = options.cache?.length ?? 0;
    const length = (prefix?.shape[1] ?? 0) + ids.length / batch;
    this.#check(prefix, batch, length, cached);
    using unplaced = await this.#rows(prefix, ids, batch, signal);
    using places = await this.#positions(cached, length, signal);
    using rows = await add(unplaced, places, { signal });
    return this.#body.run({ rows }, { ...options, ...(mask === undefined ? {} : { mask }) });
  }

  /** Every text goes on from its prefix [batch, rows, width], which stays the caller's. The head must read the last row. */
  steps(prefix: Tensor): DecodingSteps {
    const [batch = 0, rows = 0] = prefix.shape;
    return cachedSteps({
      name: this.name,
      positions: this.positions - rows,
      cache: this.#body.newCache(batch),
      hasPrefix: true,
      read: ({ ids, batch: items, isFirst, cache, mask }, options) =>
        this.read({ prefix: isFirst ? prefix : undefined, ids, batch: items, mask }, { ...options, cache }),
    });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const stack of [this.#words, this.#places, this.#body]) stack.release();
  }

  async #rows(prefix: Tensor | undefined, ids: readonly number[], batch: number, signal: AbortSignal | undefined) {
    // A tensor of its own, which may be released while the caller keeps the prefix.
    if (ids.length === 0) return reshape(prefix!, prefix!.shape);
    const { hidden } = await this.#words.run({ ids, batch }, { signal });
    if (prefix === undefined) return hidden!;
    using words = hidden!;
    return concat([prefix, words], 1, { signal });
  }

  /** [length, width]. */
  async #positions(start: number, length: number, signal: AbortSignal | undefined): Promise<Tensor> {
    const ids = Array.from({ length }, (_, index) => start + index);
    const { hidden } = await this.#places.run({ ids }, { signal });
    using places = hidden!;
    return reshape(places, [length, this.width]);
  }

  #check(prefix: Tensor | undefined, batch: number, length: number, cached: number): void {
    const { shape = [batch, 0, this.width] } = prefix ?? {};
    const fits = shape.length === 3 && shape[0] === batch && shape[2] === this.width;
    if (fits && Number.isSafeInteger(length) && length >= 1 && cached + length <= this.positions) return;
    throw new WeftError('model/bad-input', {
      model: this.name,
      input: 'prefix',
      expected: `[${batch} x rows x ${this.width}], with the text at most ${this.positions - cached} rows,`,
      received: `[${shape.join(' x ')}] and ${length} rows`,
    });
  }
}
