/**
 * CLIPSeg at work: pictures and conditions to logits of every pixel.
 *
 *   x = layer_i(film_i(reduce_i(hidden state) + x)), film(x) = scale(condition) * x + shift(condition) at one step only
 */
import { refuse } from '../../native/argument.ts';
import { add, gatherRows, reshape } from '../../native/arrange.ts';
import { Convolution } from '../../native/convolution.ts';
import { Linear } from '../../native/linear.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import { sliceRows } from '../blocks/rows.ts';
import { Film } from '../fusion/film.ts';
import { type BuildOptions, type PictureRunOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import type { ClipsegStacks } from './clipseg.ts';

/** What the decoder reads of pictures. Holds tensors: let go of it with `releaseClipsegSight`. */
export interface ClipsegSight {
  readonly vision: StackResult;
  /** Patches along height and width. */
  readonly grid: readonly [number, number];
  /** Hidden states of the tower in the order of the decoder's steps. */
  readonly states: readonly Tensor[];
}

export interface ClipsegRunOptions extends OperatorOptions {
  /** Is given the input of the decoder's first layer, then the output of each, which are let go afterwards. */
  readonly onHidden?: (rows: Tensor) => void;
}

interface Step {
  readonly state: number;
  readonly reduce: Linear;
  readonly layer: Stack;
}

interface Decoder {
  readonly steps: readonly Step[];
  readonly conditional: number;
  readonly film: Film;
  readonly pixels: readonly Convolution[];
}

export class ClipsegSegmenter {
  readonly dim: number;
  /** What cosines of whole pictures and texts are multiplied with. */
  readonly scale: number;
  readonly vision: PictureTower;
  readonly text: TextTower;
  readonly #patch: readonly [number, number];
  readonly #decoder: Decoder;

  private constructor(stacks: ClipsegStacks, vision: PictureTower, text: TextTower, decoder: Decoder) {
    this.dim = stacks.dim;
    this.scale = stacks.scale;
    this.vision = vision;
    this.text = text;
    this.#patch = stacks.patch;
    this.#decoder = decoder;
  }

  /** Rejects as `Stack.build`, `Linear.build` and `Convolution.build` do. */
  static async build(stacks: ClipsegStacks, options: BuildOptions = {}): Promise<ClipsegSegmenter> {
    const { steps, conditional, film, pixels } = stacks.decoder;
    const built: Step[] = [];
    for (const { state, reduce, layer } of steps) {
      built.push({ state, reduce: await Linear.build(reduce, options), layer: await Stack.build(layer, options) });
    }
    const convolutions: Convolution[] = [];
    for (const spec of pixels) convolutions.push(await Convolution.build(spec, options));
    const decoder = { steps: built, conditional, pixels: convolutions, film: await Film.build(film, options) };
    const vision = await PictureTower.build(stacks.vision, options);
    return new ClipsegSegmenter(stacks, vision, await TextTower.build(stacks.text, options), decoder);
  }

  /** Bytes of packed weights, but for the few of the last convolutions. */
  get bytes(): number {
    const { steps, film } = this.#decoder;
    const parts = [this.vision.stack, this.text.stack, film, ...steps.flatMap(({ reduce, layer }) => [reduce, layer])];
    return parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects as `PictureTower.run` does. */
  async see(
    pictures: Pictures,
    { returnHidden = [], ...options }: Omit<PictureRunOptions, 'outputs'> = {},
  ): Promise<ClipsegSight> {
    const wanted = this.#decoder.steps.map(({ state }) => state);
    const vision = await this.vision.run(pictures, { ...options, returnHidden: [...returnHidden, ...wanted] });
    const [, , height = 0, width = 0] = pictures.shape;
    return {
      vision,
      grid: [Math.floor(height / this.#patch[0]), Math.floor(width / this.#patch[1])],
      states: vision.hiddenStates.slice(returnHidden.length),
    };
  }

  /** Conditions [texts, dim], projected and not normalised. Rejects as `TextTower.run` does. */
  async ask(tokens: Tokens, { signal }: OperatorOptions = {}): Promise<Tensor> {
    return (await this.text.run(tokens, { outputs: { hidden: false }, signal })).head!;
  }

  /** Conditions [pictures, dim], projected and not normalised. Rejects as `PictureTower.run` does. */
  async askPictures(pictures: Pictures, { signal }: OperatorOptions = {}): Promise<Tensor> {
    return (await this.vision.run(pictures, { outputs: { hidden: false }, signal })).head!;
  }

  /**
   * Logits [conditions, height, width] of pixels, for conditions [conditions, dim]: one for each picture, or any number
   * for a single one. The size is that of the pictures, but for a rest smaller than a patch. Rejects as the operators do.
   */
  async segment(
    { grid, states }: ClipsegSight,
    conditions: Tensor,
    { onHidden, signal }: ClipsegRunOptions = {},
  ): Promise<Tensor> {
    const [count = 0] = conditions.shape;
    const { steps, conditional, film } = this.#decoder;
    let rows: Tensor | undefined;
    for (const [index, { reduce, layer }] of steps.entries()) {
      using reduced = await reduce.run(states[index]!, { signal });
      using spread = await forEach(reduced, count, signal);
      rows = await replace(rows, async (before) =>
        before === undefined ? reshape(spread, spread.shape) : add(spread, before, { signal }),
      );
      if (index === conditional) rows = await replace(rows, (before) => film.run(before!, conditions, signal));
      if (index === 0) onHidden?.(rows);
      rows = await replace(rows, async (before) => (await layer.run({ rows: before! }, { signal })).hidden!);
      onHidden?.(rows);
    }
    using last = rows!;
    return await this.#pixels(last, count, grid, signal);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    const { steps, film, pixels } = this.#decoder;
    const layers = steps.flatMap(({ reduce, layer }) => [reduce, layer]);
    const parts = [this.vision, this.text, film, ...pixels, ...layers];
    for (const part of parts) part.release();
  }

  async #pixels(
    rows: Tensor,
    count: number,
    [down, across]: readonly [number, number],
    signal: AbortSignal | undefined,
  ): Promise<Tensor> {
    const [, length = 0, width = 0] = rows.shape;
    using patches = await sliceRows(rows, 1, length - 1, { signal });
    let picture = reshape(patches, [count, down, across, width]);
    for (const convolution of this.#decoder.pixels) {
      using before = picture;
      picture = await convolution.run(before, { layout: 'nhwc', signal });
    }
    using last = picture;
    return reshape(last, last.shape.slice(0, 3));
  }
}

export function releaseClipsegSight({ vision }: ClipsegSight): void {
  for (const tensor of [vision.hidden, vision.head, ...vision.hiddenStates]) tensor?.release();
}

/** Rows [items, length, width] for each of `count` conditions: as they are, or those of a single item again and again. */
async function forEach(rows: Tensor, count: number, signal: AbortSignal | undefined): Promise<Tensor> {
  const [items = 0, length = 0] = rows.shape;
  if (items === count) return reshape(rows, rows.shape);
  if (items !== 1) refuse('CLIPSeg', 'conditions', `${items}, one for each picture,`, count);
  const places = Int32Array.from({ length: count * length }, (_, place) => place % (items * length));
  return gatherRows(rows, places, [count, length], { signal });
}

/** What comes of a tensor that is not needed afterwards. */
async function replace(
  before: Tensor | undefined,
  next: (before: Tensor | undefined) => Promise<Tensor>,
): Promise<Tensor> {
  const after = await next(before);
  before?.release();
  return after;
}
