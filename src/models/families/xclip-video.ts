/**
 * X-CLIP at work: videos and texts to embeddings, and the texts as a video's patches change them.
 *
 *   message = fc(class token); message += attention over the frames(norm(message))
 *   frame   = layer([frame, message]) without its last row
 *   video   = mean over the frames(transformer(classes + positions) + classes)
 *   text   += alpha * generator(text, mean over the frames(patches))
 */

import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows, mean, multiply, reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack } from '../../native/stack.ts';
import { Tensor } from '../../native/tensor.ts';
import { sliceRows } from '../blocks/rows.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import type { XclipStacks } from './xclip.ts';

/** float32 [videos, frames, channels, height, width]. */
export type Videos = Pictures;

/** What X-CLIP sees in videos. Holds tensors: let go of it with `releaseXclipSight`. */
export interface XclipSight {
  /** float32 [videos * frames, tokens, width]: rows after the last layer, without a norm. */
  readonly rows: Tensor;
  /** float32 [videos, frames, dim]. */
  readonly frames: Tensor;
  /** float32 [videos, dim], not normalised. */
  readonly embeds: Tensor;
}

export interface XclipSeeOptions extends OperatorOptions {
  /** Take frames of another size, as `PictureTower.run` does. */
  readonly resizePositions?: boolean | undefined;
  /** Is given the input of the first layer, then the output of each, which are let go afterwards. */
  readonly onHidden?: ((rows: Tensor) => void) | undefined;
}

interface Layer {
  readonly message: Linear;
  readonly exchange: Stack;
  readonly frame: Stack;
}

interface Parts {
  readonly embedding: PictureTower;
  readonly layers: readonly Layer[];
  readonly pooler: Stack;
  readonly integration: Stack;
  readonly patches: Stack;
  readonly norm: Stack;
  readonly generator: Stack;
}

export class XclipVideo {
  readonly dim: number;
  readonly frames: number;
  /** What cosines of whole pictures and texts are multiplied with. */
  readonly scale: number;
  readonly text: TextTower;
  readonly #name: string;
  readonly #parts: Parts;
  readonly #framePositions: Float32Array;
  readonly #alpha: Float32Array;

  private constructor(stacks: XclipStacks, text: TextTower, parts: Parts) {
    this.dim = stacks.dim;
    this.frames = stacks.frames;
    this.scale = stacks.scale;
    this.text = text;
    this.#name = stacks.embedding.spec.name;
    this.#parts = parts;
    this.#framePositions = stacks.framePositions;
    this.#alpha = stacks.prompts.alpha;
  }

  /** Rejects as `Stack.build` does. */
  static async build(stacks: XclipStacks, options: BuildOptions = {}): Promise<XclipVideo> {
    const layers: Layer[] = [];
    for (const { message, exchange, frame } of stacks.layers) {
      layers.push({
        message: await Linear.build(message, options),
        exchange: await Stack.build(exchange, options),
        frame: await Stack.build(frame, options),
      });
    }
    const parts = {
      ...{ layers, embedding: await PictureTower.build(stacks.embedding, options) },
      pooler: await Stack.build(stacks.pooler, options),
      integration: await Stack.build(stacks.integration, options),
      patches: await Stack.build(stacks.prompts.patches, options),
      norm: await Stack.build(stacks.prompts.norm, options),
      generator: await Stack.build(stacks.prompts.generator, options),
    };
    return new XclipVideo(stacks, await TextTower.build(stacks.text, options), parts);
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.#weights().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Rejects with `model/bad-input` for videos of another number of frames or, unless positions may be resized, of another
   * size; and as `Stack.run` does.
   */
  async see(videos: Videos, { onHidden, resizePositions, signal }: XclipSeeOptions = {}): Promise<XclipSight> {
    const [count = 0, frames, ...picture] = videos.shape;
    if (videos.shape.length !== 5 || frames !== this.frames) {
      throw new WeftError('model/bad-input', {
        model: this.#name,
        input: 'pixel_values',
        expected: `float32 [videos x ${this.frames} x channels x height x width]`,
        received: `[${videos.shape.join(' x ')}]`,
      });
    }
    const pictures = { data: videos.data, shape: [count * this.frames, ...picture] };
    const rows = await this.#rows(pictures, count, { onHidden, resizePositions, signal });
    const pooled = await this.#parts.pooler.run({ rows }, { outputs: { hidden: false }, signal });
    using classes = reshape(pooled.head!, [count, this.frames, this.dim]);
    pooled.head!.release();
    const integrated = await this.#integrate(classes, signal);
    return { rows, frames: integrated, embeds: await mean(integrated, 1, { signal }) };
  }

  /** Texts [texts, dim], projected, not normalised and not changed by any video. Rejects as `TextTower.run` does. */
  async ask(tokens: Tokens, { signal }: OperatorOptions = {}): Promise<Tensor> {
    return (await this.text.run(tokens, { outputs: { hidden: false }, signal })).head!;
  }

  /** Texts [texts, dim] as each video changes them: [videos, texts, dim], not normalised. Rejects as `Stack.run` does. */
  async adapt({ rows }: XclipSight, texts: Tensor, { signal }: OperatorOptions = {}): Promise<Tensor> {
    const { norm, generator } = this.#parts;
    using patches = await this.#patches(rows, signal);
    const [videos = 0] = patches.shape;
    const [count = 0] = texts.shape;
    const places = Int32Array.from({ length: videos * count }, (_, place) => place % count);
    using each = await gatherRows(texts, places, [videos, count], { signal });
    using memory = (await norm.run({ rows: patches }, { signal })).hidden!;
    using made = (await generator.run({ rows: each }, { memory: [{ rows: memory }], signal })).hidden!;
    using alpha = Tensor.from(this.#alpha, [this.dim]);
    using change = await multiply(made, alpha, { signal });
    return await add(each, change, { signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#parts.embedding.release();
    this.text.release();
    for (const part of this.#weights()) part.release();
  }

  async #rows(pictures: Pictures, videos: number, options: XclipSeeOptions): Promise<Tensor> {
    const { onHidden, resizePositions = false, signal } = options;
    let rows = (await this.#parts.embedding.run(pictures, { resizePositions, signal })).hidden!;
    onHidden?.(rows);
    for (const layer of this.#parts.layers) {
      using before = rows;
      rows = await this.#layer(layer, before, videos, signal);
      onHidden?.(rows);
    }
    return rows;
  }

  async #layer({ message, exchange, frame }: Layer, rows: Tensor, videos: number, signal: AbortSignal | undefined) {
    const [pictures = 0, length = 0, width = 0] = rows.shape;
    using classes = await sliceRows(rows, 0, 1, { signal });
    using told = await message.run(classes, { signal });
    using ofVideos = reshape(told, [videos, this.frames, width]);
    using heard = (await exchange.run({ rows: ofVideos }, { signal })).hidden!;
    using messages = reshape(heard, [pictures, 1, width]);
    using joined = await concat([rows, messages], 1, { signal });
    using after = (await frame.run({ rows: joined }, { signal })).hidden!;
    return await sliceRows(after, 0, length, { signal });
  }

  async #integrate(classes: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    using positions = Tensor.from(this.#framePositions, [this.frames, this.dim]);
    using placed = await add(classes, positions, { signal });
    using integrated = (await this.#parts.integration.run({ rows: placed }, { signal })).hidden!;
    return await add(integrated, classes, { signal });
  }

  /** [videos, patches, dim]: projected patches, the mean over the frames. */
  async #patches(rows: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    const [pictures = 0, length = 0] = rows.shape;
    using patches = await sliceRows(rows, 1, length - 1, { signal });
    using projected = (await this.#parts.patches.run({ rows: patches }, { outputs: { hidden: false }, signal })).head!;
    using ofVideos = reshape(projected, [pictures / this.frames, this.frames, length - 1, this.dim]);
    return await mean(ofVideos, 1, { signal });
  }

  #weights(): (Stack | Linear)[] {
    const { embedding, layers, pooler, integration, patches, norm, generator } = this.#parts;
    const own = layers.flatMap(({ message, exchange, frame }) => [message, exchange, frame]);
    return [embedding.stack, this.text.stack, ...own, pooler, integration, patches, norm, generator];
  }
}

export function releaseXclipSight({ rows, frames, embeds }: XclipSight): void {
  for (const tensor of [rows, frames, embeds]) tensor.release();
}
