/**
 * Swin's stages as one tower that reads pictures: pads them to whole patches, runs the blocks, joins patches between the
 * stages. Knows no files.
 */
import { WeftError } from '../../errors.ts';
import { add, permute, reshape } from '../../native/arrange.ts';
import { upsample } from '../../native/planes.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { Grid } from '../blocks/patches.ts';
import type { BuildOptions, PictureRunOptions, Pictures } from '../towers/picture-tower.ts';
import { PatchMerging, WindowBlock } from '../towers/window-block.ts';
import type { SwinSpec } from './swin.ts';

/** Hidden states are the maps that stages start from, then the last one's before its norm. */
export interface SwinResult extends StackResult {
  /** Height and width of each hidden state's map. */
  readonly grids: readonly Grid[];
}

interface Stage {
  readonly blocks: readonly WindowBlock[];
  readonly merging: PatchMerging | undefined;
}

export class SwinTower {
  /** How errors name it. */
  readonly name: string;
  /** Stages: hidden states are numbered from 0, the embedding, to this. */
  readonly layers: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  readonly #spec: SwinSpec;
  readonly #embedding: Stack;
  readonly #stages: readonly Stage[];
  readonly #top: Stack;

  private constructor(spec: SwinSpec, embedding: Stack, stages: readonly Stage[], top: Stack) {
    this.name = spec.name;
    this.layers = stages.length;
    this.#spec = spec;
    this.#embedding = embedding;
    this.#stages = stages;
    this.#top = top;
    this.bytes = this.#parts().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: SwinSpec, options: BuildOptions = {}): Promise<SwinTower> {
    const stages: Stage[] = [];
    for (const { blocks, merging } of spec.stages) {
      const built: WindowBlock[] = [];
      for (const block of blocks) built.push(await WindowBlock.build(block, options));
      stages.push({ blocks: built, merging: merging && (await PatchMerging.build(merging, options)) });
    }
    const embedding = await Stack.build(spec.embedding, options);
    return new SwinTower(spec, embedding, stages, await Stack.build(spec.top, options));
  }

  /**
   * Pictures of any size; absolute positions, which few checkpoints have, follow them only with `resizePositions`.
   * Rejects with `model/bad-input` for pictures that the model was not made for, and as `Stack.run` does.
   */
  async run(pictures: Pictures, options: PictureRunOptions = {}): Promise<SwinResult> {
    const { returnHidden = [], outputs = {}, signal } = options;
    const padded = this.#padded(pictures);
    let grid: Grid = [padded.shape[2]! / this.#patch[0], padded.shape[3]! / this.#patch[1]];
    let x = await this.#embed(padded, grid, options);
    const states: Tensor[] = [];
    const grids: Grid[] = [];
    const keep = () => {
      states.push(x);
      grids.push(grid);
    };
    keep();
    for (const { blocks, merging } of this.#stages) {
      for (const block of blocks) {
        const next = await block.run(x, grid, { signal });
        if (!states.includes(x)) x.release();
        x = next;
      }
      if (merging !== undefined) {
        using before = x;
        x = await merging.run(before, grid, { signal });
        grid = [Math.ceil(grid[0] / 2), Math.ceil(grid[1] / 2)];
      }
      keep();
    }
    const result = await this.#top.run({ rows: x }, { outputs, signal });
    for (const [index, state] of states.entries()) if (!returnHidden.includes(index)) state.release();
    return { ...result, hiddenStates: returnHidden.map((index) => states[index]!), grids };
  }

  /** What its layers give alone, [batch, rows, width]. Rejects as `run` does. */
  async rows(pictures: Pictures, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const { hidden } = await this.run(pictures, { outputs: { head: false }, signal });
    return hidden!;
  }

  /** What the head gives alone, [batch, outputs]. Rejects as `run` does. */
  async embed(pictures: Pictures, { signal }: OperatorOptions = {}): Promise<Tensor> {
    const { head } = await this.run(pictures, { outputs: { hidden: false }, signal });
    return head!;
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of this.#parts()) part.release();
    this.#spec.positions?.release();
  }

  #parts() {
    const blocks = this.#stages.flatMap(({ blocks, merging }) => [
      ...blocks,
      ...(merging === undefined ? [] : [merging]),
    ]);
    return [this.#embedding, this.#top, ...blocks];
  }

  get #patch(): Grid {
    return this.#spec.picture.patch;
  }

  /** Zeros at the right and at the bottom fill up the last patches. */
  #padded({ data, shape }: Pictures): Pictures {
    const [batch = 0, channels = 0, height = 0, width = 0] = shape;
    const isPicture = shape.length === 4 && Math.min(...shape) > 0 && channels === this.#spec.picture.channels;
    if (!isPicture || data.length !== batch * channels * height * width) {
      this.#refuse(`float32 [batch x ${this.#spec.picture.channels} x height x width]`, shape);
    }
    const [fullHeight, fullWidth] = [height, width].map(
      (side, index) => Math.ceil(side / this.#patch[index]!) * this.#patch[index]!,
    ) as [number, number];
    this.#checkWindows([fullHeight / this.#patch[0], fullWidth / this.#patch[1]], shape);
    if (fullHeight === height && fullWidth === width) return { data, shape };
    const full = new Float32Array(batch * channels * fullHeight * fullWidth);
    for (let row = 0; row < batch * channels * height; row += 1) {
      const start = (Math.floor(row / height) * fullHeight + (row % height)) * fullWidth;
      full.set(data.subarray(row * width, (row + 1) * width), start);
    }
    return { data: full, shape: [batch, channels, fullHeight, fullWidth] };
  }

  /** The tables of biases are for whole windows. */
  #checkWindows(grid: Grid, shape: readonly number[]): void {
    const { window } = this.#spec.stages[0]!.blocks[0]!;
    const halvings = 2 ** (this.layers - 1);
    if (Math.ceil(Math.min(...grid) / halvings) >= window) return;
    const least = ((window - 1) * halvings + 1) * Math.max(...this.#patch);
    this.#refuse(`sides of about ${least} pixels at least`, shape);
  }

  async #embed(
    pictures: Pictures,
    grid: Grid,
    { resizePositions = false, signal }: PictureRunOptions,
  ): Promise<Tensor> {
    const { positions } = this.#spec;
    const patches = (await this.#embedding.run({ pixels: pictures }, { signal })).hidden!;
    if (positions === undefined) return patches;
    using unplaced = patches;
    const [count = 0] = positions.shape;
    if (!resizePositions && grid[0] * grid[1] !== count) {
      this.#refuse(`pictures of ${this.#spec.picture.size.join(' x ')}`, pictures.shape);
    }
    if (!resizePositions) return await add(unplaced, positions, { signal });
    using resized = await this.#resized(positions, grid, { signal });
    return await add(unplaced, resized, { signal });
  }

  /** Positions for another grid, bicubically. */
  async #resized(positions: Tensor, grid: Grid, options: OperatorOptions): Promise<Tensor> {
    const [height, width] = this.#spec.picture.grid;
    if (grid[0] === height && grid[1] === width) return reshape(positions, positions.shape);
    const channels = positions.shape[1]!;
    using flat = await permute(positions, [1, 0], options);
    using planes = reshape(flat, [channels, height, width]);
    using resized = await upsample(planes, { height: grid[0], width: grid[1], mode: 'bicubic', ...options });
    using rows = reshape(resized, [channels, grid[0] * grid[1]]);
    return await permute(rows, [1, 0], options);
  }

  #refuse(expected: string, shape: readonly number[]): never {
    const received = `[${shape.join(' x ')}]`;
    throw new WeftError('model/bad-input', { model: this.name, input: 'pixel_values', expected, received });
  }
}
