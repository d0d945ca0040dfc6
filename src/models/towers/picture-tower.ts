/**
 * A stack that reads pictures: checks their size, runs them. What its head means is the family's business. Knows no
 * files and no preprocessing.
 */
import { WeftError } from '../../errors.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Precision, StackSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { Grid } from '../blocks/patches.ts';

import { AttentionPooling, type PoolingStack } from './attention-pooling.ts';

export interface PictureStack {
  readonly spec: StackSpec;
  readonly channels: number;
  /** Height and width the positions were trained for, pixels. */
  readonly size: readonly [number, number];
  /** What makes the head's output of the stream; the stack itself then has no head. */
  readonly pooling?: PoolingStack;
  /** Positions follow a picture of another size without being asked to (DINOv2). */
  readonly anySize?: boolean;
  /** Added to the scores of attention, for pictures of so many patches: one for all layers, or one for each. */
  readonly bias?: (grid: Grid, options: OperatorOptions) => Promise<readonly Tensor[]>;
}

export interface BuildOptions {
  readonly precision?: Precision;
  readonly signal?: AbortSignal | undefined;
}

/** float32 [batch, channels, height, width], as the model's processor makes them. */
export interface Pictures {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface PictureRunOptions {
  /** Take pictures of another size: the positions are resized bicubically. Otherwise that is `model/bad-input`. */
  readonly resizePositions?: boolean;
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

export class PictureTower {
  /** How errors name it. */
  readonly name: string;
  readonly stack: Stack;
  readonly #channels: number;
  readonly #size: readonly [number, number];
  readonly #anySize: boolean;
  readonly #patch: readonly [number, number];
  readonly #bias: PictureStack['bias'];
  readonly #pooling: AttentionPooling | undefined;
  /** Of the last grid: pictures of one size come one after the other. */
  #biases: { readonly grid: string; readonly tensors: readonly Tensor[] } | undefined;

  private constructor(
    stack: Stack,
    pooling: AttentionPooling | undefined,
    { channels, size, anySize = false, bias, spec }: PictureStack,
  ) {
    this.name = stack.name;
    this.stack = stack;
    this.#channels = channels;
    this.#size = size;
    this.#anySize = anySize;
    const [, , height = 1, width = 1] = spec.patches?.project.weight.shape ?? [];
    this.#patch = [height, width];
    this.#bias = bias;
    this.#pooling = pooling;
  }

  /** Rejects as `Stack.build` does. */
  static async build(picture: PictureStack, options: BuildOptions = {}): Promise<PictureTower> {
    const pooling = picture.pooling && (await AttentionPooling.build(picture.pooling, options));
    return new PictureTower(await Stack.build(picture.spec, options), pooling, picture);
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.stack.bytes + (this.#pooling?.bytes ?? 0);
  }

  /** Rejects with `model/bad-input` for pictures that the model was not made for, and as `Stack.run` does. */
  async run(pictures: Pictures, options: PictureRunOptions = {}): Promise<StackResult> {
    const { resizePositions = this.#anySize, ...others } = options;
    const [, channels, ...sides] = pictures.shape;
    const [height, width] = this.#size;
    const isSize = resizePositions || (sides[0] === height && sides[1] === width);
    if (pictures.shape.length !== 4 || channels !== this.#channels || !isSize) {
      const size = resizePositions ? ['height', 'width'] : this.#size;
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'pixel_values',
        expected: `float32 [batch x ${[this.#channels, ...size].join(' x ')}]`,
        received: `[${pictures.shape.join(' x ')}]`,
      });
    }
    const bias = await this.#biasesFor(sides[0]!, sides[1]!, options);
    const given = { ...others, ...(bias === undefined ? {} : { bias }) };
    const pooling = options.outputs?.head === false ? undefined : this.#pooling;
    if (pooling === undefined) return this.stack.run({ pixels: pictures }, given);
    const { hidden, hiddenStates } = await this.stack.run({ pixels: pictures }, { ...given, outputs: {} });
    const head = await pooling.run(hidden!, options);
    if (options.outputs?.hidden !== false) return { hidden, head, hiddenStates };
    hidden!.release();
    return { hidden: undefined, head, hiddenStates };
  }

  async #biasesFor(height: number, width: number, { signal }: OperatorOptions) {
    const grid = [Math.floor(height / this.#patch[0]), Math.floor(width / this.#patch[1])] as const;
    // The stack refuses pictures without patches.
    if (this.#bias === undefined || grid.includes(0)) return undefined;
    const key = grid.join();
    if (this.#biases?.grid !== key) {
      const tensors = await this.#bias(grid, { signal });
      // Not released: a run under way may still take them.
      this.#biases = { grid: key, tensors };
    }
    return this.#biases.tensors;
  }

  /** What the head gives alone, [batch, outputs]. For stacks with a head. Rejects as `run` does. */
  async embed(pictures: Pictures, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const { head } = await this.run(pictures, { outputs: { hidden: false }, signal });
    return head!;
  }

  /** What its layers give alone, [batch, rows, width]. Rejects as `run` does. */
  async rows(pictures: Pictures, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const { hidden } = await this.run(pictures, { outputs: { head: false }, signal });
    return hidden!;
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.stack.release();
    this.#pooling?.release();
    for (const tensor of this.#biases?.tensors ?? []) tensor.release();
    this.#biases = undefined;
  }
}
