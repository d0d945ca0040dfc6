/** GIT as it runs: pictures or frames into rows, words after them, a cache of both. Must not choose tokens. */
import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows, reshape } from '../../native/arrange.ts';
import type { KvCache } from '../../native/kv-cache.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import { Tensor } from '../../native/tensor.ts';
import { cachedSteps, type DecodingSteps } from '../decoding/steps.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import type { GitStacks } from './git.ts';

export interface GitText {
  /** Rows of pictures [batch, rows, width]; left out where the cache holds them. */
  readonly sight?: Tensor | undefined;
  /** [batch, length]. */
  readonly ids: Integers;
  readonly batch: number;
  /** How many words the cache holds. */
  readonly start?: number;
  /** [batch, rows read before and new ones]: 1 is there, 0 is padding. */
  readonly mask?: Integers;
}

export interface GitReadOptions {
  readonly cache?: KvCache;
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

export class GitModel {
  readonly name: string;
  readonly vision: PictureTower;
  /** Most tokens of a text. */
  readonly positions: number;
  /** Layers of the text's stack. */
  readonly layers: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  /** Most frames of a video; 0 for a model of pictures. */
  readonly frames: number;
  readonly #temporal: Tensor | undefined;
  readonly #stacks: readonly [projection: Stack, words: Stack, body: Stack];

  private constructor(vision: PictureTower, stacks: readonly [Stack, Stack, Stack], { frames, positions }: GitStacks) {
    const body = stacks[2];
    this.name = body.name;
    this.vision = vision;
    this.positions = positions;
    this.layers = body.layers;
    this.bytes = [vision.stack, ...stacks].reduce((sum, stack) => sum + stack.bytes, 0);
    this.frames = frames.length;
    const width = vision.stack.width;
    const all = Float32Array.from(frames.flatMap((frame) => [...frame]));
    this.#temporal = frames.length === 0 ? undefined : Tensor.from(all, [frames.length, width]);
    this.#stacks = stacks;
  }

  /** Rejects as `Stack.build` does. */
  static async build(stacks: GitStacks, options: BuildOptions = {}): Promise<GitModel> {
    const vision = await PictureTower.build(stacks.vision, options);
    const built = [stacks.projection, stacks.words, stacks.body].map((spec) => Stack.build(spec, options));
    const [projection, words, body] = await Promise.all(built);
    return new GitModel(vision, [projection!, words!, body!], stacks);
  }

  /**
   * Pictures [batch, channels, height, width] or videos [batch, frames, channels, height, width] to rows [batch, rows,
   * width]. Rejects with `model/bad-input`, and as `Stack.run` does.
   */
  async see({ data, shape }: Pictures, signal?: AbortSignal): Promise<Tensor> {
    const frames = shape.length === 5 ? shape[1]! : undefined;
    this.#checkFrames(frames, shape);
    const pictures = frames === undefined ? shape : [shape[0]! * frames, ...shape.slice(2)];
    const { hidden } = await this.vision.run({ data, shape: pictures }, { signal });
    using seen = hidden!;
    using rows = frames === undefined ? reshape(seen, seen.shape) : await this.#inTime(seen, frames, signal);
    const { head } = await this.#stacks[0].run({ rows }, { outputs: { hidden: false }, signal });
    return head!;
  }

  /** Rejects with `model/bad-input` for a text that is too long, and as `Stack.run` does. */
  async read(text: GitText, options: GitReadOptions = {}): Promise<StackResult> {
    const { sight, ids, batch, start = 0, mask } = text;
    const length = ids.length / batch;
    if (!Number.isSafeInteger(length) || length < 1 || start + length > this.positions) {
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'input_ids',
        expected: `${batch} texts of one length, at most ${this.positions} tokens,`,
        received: `${ids.length} tokens after ${start}`,
      });
    }
    const [, wordStack, body] = this.#stacks;
    const positions = Array.from({ length: batch * length }, (_, index) => start + (index % length));
    const { hidden } = await wordStack.run({ ids, batch, positions }, { signal: options.signal });
    using words = hidden!;
    using rows = sight === undefined ? reshape(words, words.shape) : await concat([sight, words], 1, options);
    const prefix = sight === undefined ? {} : { prefix: sight.shape[1]! };
    return body.run({ rows }, { ...options, ...prefix, ...(mask === undefined ? {} : { mask }) });
  }

  /** Texts that go on from rows of pictures, which stay the caller's. The head must read the last row. */
  steps(sight: Tensor): DecodingSteps {
    const [batch = 1, rows = 0] = sight.shape;
    return cachedSteps({
      name: this.name,
      positions: this.positions,
      cache: this.#stacks[2].newCache(batch),
      read: ({ ids, batch: texts, cache, isFirst }, options) =>
        this.read(
          { ids, batch: texts, ...(isFirst ? { sight } : { start: cache.length - rows }) },
          { ...options, cache },
        ),
    });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.vision.release();
    this.#temporal?.release();
    for (const stack of this.#stacks) stack.release();
  }

  /** Rows of frames one after the other, each with what tells its place in time. */
  async #inTime(seen: Tensor, frames: number, signal: AbortSignal | undefined): Promise<Tensor> {
    const [all = 0, rows = 0, width = 0] = seen.shape;
    const frameOf = Int32Array.from({ length: frames * rows }, (_, row) => Math.floor(row / rows));
    using times = await gatherRows(this.#temporal!, frameOf, [frames, rows], { signal });
    using videos = reshape(seen, [all / frames, frames, rows, width]);
    using placed = await add(videos, times, { signal });
    return reshape(placed, [all / frames, frames * rows, width]);
  }

  #checkFrames(frames: number | undefined, shape: readonly number[]): void {
    if (frames === undefined || (frames >= 1 && frames <= this.frames)) return;
    throw new WeftError('model/bad-input', {
      model: this.name,
      input: 'pixel_values',
      expected: this.frames === 0 ? 'pictures, not videos,' : `videos of 1 to ${this.frames} frames`,
      received: `[${shape.join(' x ')}]`,
    });
  }
}
