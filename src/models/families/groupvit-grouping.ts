/**
 * One stage of GroupViT: rows and group tokens ask each other, then every row goes to the group it fits best.
 *
 *   soft = softmax over groups(query(groups) key(rows)^T / sqrt(width)), hard = one-hot of its largest
 *   groups += output(hard value(rows) / (rows of the group + epsilon)); groups += mlp(norm(groups))
 */
import { add, concat, gatherRows, permute } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { softmax } from '../../native/rows.ts';
import { Stack } from '../../native/stack.ts';
import { Tensor } from '../../native/tensor.ts';
import { sliceRows } from '../blocks/rows.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { Grouping, GroupStage, MixerSpec } from './groupvit.ts';

export interface Grouped {
  /** float32 [pictures, rows, width]: groups, or the rows as they came out of a stage that groups nothing. */
  readonly rows: Tensor;
  /** float32 [pictures, tokens, width], for the next stage. */
  readonly tokens?: Tensor;
  /** float32 [pictures, rows before, groups]: how much of each row belongs to which group, 1 in all. */
  readonly soft?: Tensor;
}

type Signal = AbortSignal | undefined;

export class GroupingStage {
  readonly #layers: Stack;
  readonly #grouping: BuiltGrouping | undefined;

  private constructor(layers: Stack, grouping: BuiltGrouping | undefined) {
    this.#layers = layers;
    this.#grouping = grouping;
  }

  /** Rejects as `Stack.build` and `Linear.build` do. */
  static async build({ layers, grouping }: GroupStage, options: BuildOptions): Promise<GroupingStage> {
    const built = grouping === undefined ? undefined : await BuiltGrouping.build(grouping, options);
    return new GroupingStage(await Stack.build(layers, options), built);
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.#layers.bytes + (this.#grouping?.bytes ?? 0);
  }

  /** Rows [pictures, length, width] and the group tokens of the stage before. Rejects as the operators do. */
  async run(rows: Tensor, before: Tensor | undefined, signal: Signal): Promise<Grouped> {
    const grouping = this.#grouping;
    if (grouping === undefined) return { rows: (await this.#layers.run({ rows }, { signal })).hidden! };
    const [pictures = 0, length = 0] = rows.shape;
    using first = await grouping.tokens(pictures, before, signal);
    using joined = await concat([rows, first], 1, { signal });
    using after = (await this.#layers.run({ rows: joined }, { signal })).hidden!;
    using own = await sliceRows(after, 0, length, { signal });
    const tokens = await sliceRows(after, length, grouping.count, { signal });
    return { tokens, ...(await grouping.group(own, tokens, signal)) };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#layers.release();
    this.#grouping?.release();
  }
}

interface Mixer {
  readonly up: Linear;
  readonly down: Linear;
  readonly activation: MixerSpec['activation'];
}

type StackName = 'tokenNorm' | 'rowNorm' | 'groupNorm' | 'ask' | 'feedForward';
type LinearName = 'query' | 'key' | 'value' | 'output';

class BuiltGrouping {
  readonly count: number;
  readonly #tokens: Float32Array;
  readonly #epsilon: number;
  readonly #stacks: Readonly<Record<StackName, Stack>>;
  readonly #linears: Readonly<Record<LinearName, Linear>>;
  readonly #mixer: Mixer;
  readonly #projector: { readonly norm: Stack; readonly mixer: Mixer } | undefined;

  private constructor(
    { tokens, count, epsilon }: Grouping,
    stacks: Readonly<Record<StackName, Stack>>,
    linears: Readonly<Record<LinearName, Linear>>,
    mixer: Mixer,
    projector: { readonly norm: Stack; readonly mixer: Mixer } | undefined,
  ) {
    this.count = count;
    this.#tokens = tokens;
    this.#epsilon = epsilon;
    this.#stacks = stacks;
    this.#linears = linears;
    this.#mixer = mixer;
    this.#projector = projector;
  }

  static async build(grouping: Grouping, options: BuildOptions): Promise<BuiltGrouping> {
    const { projector } = grouping;
    const stacks = {
      tokenNorm: await Stack.build(grouping.tokenNorm, options),
      rowNorm: await Stack.build(grouping.rowNorm, options),
      groupNorm: await Stack.build(grouping.groupNorm, options),
      ask: await Stack.build(grouping.ask, options),
      feedForward: await Stack.build(grouping.feedForward, options),
    };
    const linears = {
      query: await Linear.build(grouping.query, options),
      key: await Linear.build(grouping.key, options),
      value: await Linear.build(grouping.value, options),
      output: await Linear.build(grouping.output, options),
    };
    return new BuiltGrouping(
      ...[grouping, stacks, linears, await buildMixer(grouping.mixer, options)],
      projector && {
        norm: await Stack.build(projector.norm, options),
        mixer: await buildMixer(projector.mixer, options),
      },
    );
  }

  get bytes(): number {
    return this.#parts().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The group tokens that a stage starts with: its own, and what those of the stage before give to them. */
  async tokens(pictures: number, before: Tensor | undefined, signal: Signal): Promise<Tensor> {
    using own = Tensor.from(this.#tokens, [this.count, this.#tokens.length / this.count]);
    const projector = this.#projector;
    if (projector === undefined || before === undefined) {
      const places = Int32Array.from({ length: pictures * this.count }, (_, place) => place % this.count);
      return await gatherRows(own, places, [pictures, this.count], { signal });
    }
    using normal = (await projector.norm.run({ rows: before }, { signal })).hidden!;
    using given = await mix(projector.mixer, normal, signal);
    return await add(given, own, { signal });
  }

  async group(rows: Tensor, tokens: Tensor, signal: Signal): Promise<{ rows: Tensor; soft: Tensor }> {
    const { tokenNorm, rowNorm, groupNorm, ask, feedForward } = this.#stacks;
    using normalTokens = (await tokenNorm.run({ rows: tokens }, { signal })).hidden!;
    using normalRows = (await rowNorm.run({ rows }, { signal })).hidden!;
    using mixed = await mix(this.#mixer, normalTokens, signal);
    using normalGroups = (await groupNorm.run({ rows: mixed }, { signal })).hidden!;
    using groups = (await ask.run({ rows: normalGroups }, { memory: [{ rows: normalRows }], signal })).hidden!;
    const { gathered, soft } = await this.#assign(groups, normalRows, signal);
    using own = gathered;
    using sum = await this.#linears.output.run(own, { residual: groups, signal });
    return { rows: (await feedForward.run({ rows: sum }, { signal })).hidden!, soft };
  }

  /** Every row's value to its group: [pictures, groups, width], divided by how many came; and the soft assignment. */
  async #assign(groups: Tensor, rows: Tensor, signal: Signal) {
    const [pictures = 0, count = 0, width = 0] = groups.shape;
    const length = rows.shape[1]!;
    using queries = await this.#linears.query.run(groups, { signal });
    using keys = await this.#linears.key.run(rows, { signal });
    using values = await this.#linears.value.run(rows, { signal });
    const [asked, given] = [queries.toFloats(), values.toFloats()];
    const gathered = new Float32Array(pictures * count * width);
    const soft: Tensor[] = [];
    for (let picture = 0; picture < pictures; picture += 1) {
      const places = Int32Array.from({ length }, (_, row) => picture * length + row);
      using own = await gatherRows(keys, places, [1, length], { signal });
      const data = asked.slice(picture * count * width, (picture + 1) * count * width);
      for (let index = 0; index < data.length; index += 1) data[index]! *= width ** -0.5;
      using product = await Linear.build({ weight: { data, shape: [count, width] } }, { signal });
      using scores = await product.run(own, { signal });
      const shares = await softmax(scores, { signal });
      soft.push(shares);
      const sums = gathered.subarray(picture * count * width, (picture + 1) * count * width);
      gather(shares.toFloats(), given.subarray(picture * length * width, (picture + 1) * length * width), sums, {
        ...{ count, width, epsilon: this.#epsilon },
      });
    }
    const joined = await concat(soft, 0, { signal });
    for (const one of soft) one.release();
    return { gathered: Tensor.from(gathered, [pictures, count, width]), soft: joined };
  }

  release(): void {
    for (const part of this.#parts()) part.release();
  }

  #parts(): (Stack | Linear)[] {
    const mixers = [this.#mixer, ...(this.#projector === undefined ? [] : [this.#projector.mixer])];
    const own = [...Object.values(this.#stacks), ...Object.values(this.#linears)];
    const projector = this.#projector === undefined ? [] : [this.#projector.norm];
    return [...own, ...mixers.flatMap(({ up, down }) => [up, down]), ...projector];
  }
}

/** Sums `values` [rows, width] of each group into `sums` [count, width] by the largest of `shares` [rows, count]. */
export function gather(
  shares: Float32Array,
  values: Float32Array,
  sums: Float32Array,
  { count, width, epsilon }: { readonly count: number; readonly width: number; readonly epsilon: number },
): void {
  const members = new Float32Array(count);
  for (let row = 0; row < values.length / width; row += 1) {
    const own = shares.subarray(row * count, (row + 1) * count);
    const group = own.indexOf(own.reduce((most, share) => Math.max(most, share)));
    members[group]! += 1;
    for (let index = 0; index < width; index += 1) sums[group * width + index]! += values[row * width + index]!;
  }
  for (let index = 0; index < sums.length; index += 1) sums[index]! /= members[Math.floor(index / width)]! + epsilon;
}

async function buildMixer({ up, down, activation }: MixerSpec, options: BuildOptions): Promise<Mixer> {
  return { up: await Linear.build(up, options), down: await Linear.build(down, options), activation };
}

/** [pictures, rows, width] to [pictures, other rows, width] (Tolstikhin et al. 2021, MLP-Mixer). */
async function mix({ up, down, activation }: Mixer, rows: Tensor, signal: Signal): Promise<Tensor> {
  using columns = await permute(rows, [0, 2, 1], { signal });
  using inner = await up.run(columns, { activation, signal });
  using mixed = await down.run(inner, { signal });
  return await permute(mixed, [0, 2, 1], { signal });
}
