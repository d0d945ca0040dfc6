/**
 * A block of Swin: attention within windows, then a feed-forward network; and what joins four patches after a stage. The
 * norm comes before the padding, so that padding is zeros. Source: Liu et al., Swin Transformer (2021).
 */
import { add, gatherRows, reshape } from '../../native/arrange.ts';
import { attention } from '../../native/attention.ts';
import { Linear } from '../../native/linear.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack } from '../../native/stack.ts';
import type { LinearSpec, NormSpec, SublayerSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import type { Grid } from '../blocks/patches.ts';
import { biasOf, offsetsOf } from '../blocks/relative-positions.ts';
import { planMerge, planWindows } from '../blocks/windows.ts';
import type { BuildOptions } from './picture-tower.ts';

export interface WindowBlockSpec {
  readonly name: string;
  readonly width: number;
  readonly heads: number;
  /** Patches along the side of a window, and how far windows are moved. */
  readonly window: number;
  readonly shift: number;
  readonly norm: NormSpec;
  readonly query: LinearSpec;
  readonly key: LinearSpec;
  readonly value: LinearSpec;
  readonly output: LinearSpec;
  /** [offsets of a window, heads]. */
  readonly table: Tensor;
  readonly feedForward: SublayerSpec;
}

export class WindowBlock {
  readonly bytes: number;
  readonly #spec: WindowBlockSpec;
  readonly #norm: Stack;
  readonly #projections: readonly [Linear, Linear, Linear, Linear];
  readonly #feedForward: Stack;

  private constructor(
    spec: WindowBlockSpec,
    norm: Stack,
    projections: readonly [Linear, Linear, Linear, Linear],
    feedForward: Stack,
  ) {
    this.#spec = spec;
    this.#norm = norm;
    this.#projections = projections;
    this.#feedForward = feedForward;
    this.bytes = [norm, ...projections, feedForward].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: WindowBlockSpec, options: BuildOptions = {}): Promise<WindowBlock> {
    const { name, width } = spec;
    const linear = (one: LinearSpec) => Linear.build(one, options);
    return new WindowBlock(
      spec,
      await Stack.build({ name, width, layers: [], norm: spec.norm }, options),
      [await linear(spec.query), await linear(spec.key), await linear(spec.value), await linear(spec.output)],
      await Stack.build({ name, width, layers: [[spec.feedForward]] }, options),
    );
  }

  /** A map [batch, height * width, width of rows] to one of the same shape. Rejects as `Stack.run` does. */
  async run(x: Tensor, grid: Grid, options: OperatorOptions = {}): Promise<Tensor> {
    const { heads, table } = this.#spec;
    const [query, key, value, output] = this.#projections;
    const [batch = 1, length = 0] = x.shape;
    // A map that is no larger than a window is one, or a row of them, and has nothing to shift.
    const isSmall = Math.min(...grid) <= this.#spec.window;
    const side = isSmall ? Math.min(...grid) : this.#spec.window;
    const plan = planWindows(batch, grid, side, isSmall ? 0 : this.#spec.shift);
    const shape = [batch * plan.windows, plan.area];
    using normalised = (await this.#norm.run({ rows: x }, options)).hidden!;
    using windows = await gatherRows(normalised, plan.into, shape, options);
    using queries = await query.run(windows, options);
    using keys = await key.run(windows, options);
    using values = await value.run(windows, options);
    using places = await biasOf(table, offsetsOf(side, side), options);
    using bias =
      plan.mask === undefined ? reshape(places, places.shape) : await masked(places, plan.mask, batch, options);
    using attended = await attention(queries, keys, values, { heads, bias, ...options });
    using map = await gatherRows(attended, plan.back, [batch, length], options);
    using sum = await output.run(map, { residual: x, ...options });
    return (await this.#feedForward.run({ rows: sum }, options)).hidden!;
  }

  release(): void {
    for (const part of [this.#norm, ...this.#projections, this.#feedForward]) part.release();
    this.#spec.table.release();
  }
}

/** Bias [1, heads, area, area] and mask [windows, area, area]: [batch * windows, heads, area, area]. */
async function masked(bias: Tensor, mask: Float32Array, batch: number, options: OperatorOptions): Promise<Tensor> {
  const [, heads = 1, area = 1] = bias.shape;
  const windows = mask.length / (area * area);
  using rows = Tensor.from(mask, [windows, area * area]);
  const repeated = Int32Array.from(
    { length: batch * windows * heads },
    (_, index) => Math.floor(index / heads) % windows,
  );
  using flat = await gatherRows(rows, repeated, [batch * windows, heads], options);
  using masks = reshape(flat, [batch * windows, heads, area, area]);
  using heights = reshape(bias, [heads, area, area]);
  return await add(masks, heights, options);
}

export interface PatchMergingSpec {
  readonly name: string;
  /** Of four patches beside each other. */
  readonly width: number;
  readonly norm: NormSpec;
  readonly reduction: LinearSpec;
}

export class PatchMerging {
  readonly bytes: number;
  readonly #stack: Stack;

  private constructor(stack: Stack) {
    this.#stack = stack;
    this.bytes = stack.bytes;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ name, width, norm, reduction }: PatchMergingSpec, options: BuildOptions = {}) {
    const head = { rows: 'all', norm, linear: reduction } as const;
    return new PatchMerging(await Stack.build({ name, width, layers: [], head }, options));
  }

  /** A map to one of half its height and width, rounded up. Rejects as `Stack.run` does. */
  async run(x: Tensor, grid: Grid, options: OperatorOptions = {}): Promise<Tensor> {
    const [batch = 1, , width = 1] = x.shape;
    const rows = planMerge(batch, grid);
    using patches = await gatherRows(x, rows, [rows.length], options);
    using squares = reshape(patches, [batch, rows.length / batch / 4, 4 * width]);
    return (await this.#stack.run({ rows: squares }, { ...options, outputs: { hidden: false } })).head!;
  }

  release(): void {
    this.#stack.release();
  }
}
