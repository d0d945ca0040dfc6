/**
 * GroupViT at work: pictures to groups and to embeddings, texts to embeddings, and where in a picture each text is.
 *
 *   map = scale^2 * soft_1 soft_2 ... cos(groups, texts), resized to the picture
 */
import { add, concat, gatherRows, mean, multiply, permute, reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { upsample } from '../../native/planes.ts';
import { activate, l2Normalise, type OperatorOptions } from '../../native/rows.ts';
import { Stack } from '../../native/stack.ts';
import { Tensor } from '../../native/tensor.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import type { GroupvitStacks, NormedProjection } from './groupvit.ts';
import { GroupingStage } from './groupvit-grouping.ts';

/** What GroupViT sees in pictures. Holds tensors: let go of it with `releaseGroupvitSight`. */
export interface GroupvitSight {
  /** Patches along height and width. */
  readonly grid: readonly [number, number];
  /** Rows before the first stage, then those after each. */
  readonly states: readonly Tensor[];
  /** float32 [pictures, groups, width], normalised. */
  readonly groups: Tensor;
  /** float32 [pictures, width]: their mean. */
  readonly pooled: Tensor;
  /** float32 [pictures, rows, groups] of every stage that groups. */
  readonly soft: readonly Tensor[];
}

interface BuiltProjection {
  readonly first: Linear;
  readonly factors: Float32Array;
  readonly summands: Float32Array;
  readonly second: Linear;
}

interface Parts {
  readonly embedding: PictureTower;
  readonly stages: readonly GroupingStage[];
  readonly norm: Stack;
  readonly visual: BuiltProjection;
  readonly textual: BuiltProjection;
}

type Signal = AbortSignal | undefined;

export class GroupvitModel {
  readonly dim: number;
  /** What cosines are multiplied with. */
  readonly scale: number;
  readonly text: TextTower;
  readonly #patch: readonly [number, number];
  readonly #positions: Float32Array;
  readonly #parts: Parts;

  private constructor(stacks: GroupvitStacks, text: TextTower, parts: Parts) {
    this.dim = stacks.dim;
    this.scale = stacks.scale;
    this.text = text;
    this.#patch = stacks.patch;
    this.#positions = stacks.positions;
    this.#parts = parts;
  }

  /** Rejects as `Stack.build` and `Linear.build` do. */
  static async build(stacks: GroupvitStacks, options: BuildOptions = {}): Promise<GroupvitModel> {
    const stages: GroupingStage[] = [];
    for (const stage of stacks.stages) stages.push(await GroupingStage.build(stage, options));
    const parts = {
      ...{ stages, embedding: await PictureTower.build(stacks.embedding, options) },
      norm: await Stack.build(stacks.norm, options),
      visual: await buildProjection(stacks.visualProjection, options),
      textual: await buildProjection(stacks.textProjection, options),
    };
    return new GroupvitModel(stacks, await TextTower.build(stacks.text, options), parts);
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    const { embedding, stages, norm, visual, textual } = this.#parts;
    const all = [this.text.stack, embedding.stack, norm, ...stages, ...linearsOf(visual), ...linearsOf(textual)];
    return all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects with `model/bad-input` for pictures of another size than the model's, and as the operators do. */
  async see(pictures: Pictures, { signal }: OperatorOptions = {}): Promise<GroupvitSight> {
    const { embedding, stages, norm } = this.#parts;
    using patches = (await embedding.run(pictures, { signal })).hidden!;
    using positions = Tensor.from(this.#positions, patches.shape.slice(1));
    const states = [await add(patches, positions, { signal })];
    const soft: Tensor[] = [];
    let tokens: Tensor | undefined;
    for (const stage of stages) {
      const grouped = await stage.run(states.at(-1)!, tokens, signal);
      tokens?.release();
      tokens = grouped.tokens;
      states.push(grouped.rows);
      if (grouped.soft !== undefined) soft.push(grouped.soft);
    }
    tokens?.release();
    const groups = (await norm.run({ rows: states.at(-1)! }, { signal })).hidden!;
    const [, , height = 0, width = 0] = pictures.shape;
    const grid = [Math.floor(height / this.#patch[0]), Math.floor(width / this.#patch[1])] as const;
    return { grid, states, groups, pooled: await mean(groups, 1, { signal }), soft };
  }

  /** Embeddings [pictures, dim], not normalised. */
  embedPictures({ pooled }: GroupvitSight, { signal }: OperatorOptions = {}): Promise<Tensor> {
    return project(this.#parts.visual, pooled, signal);
  }

  /** Embeddings [texts, dim], not normalised. Rejects as `TextTower.run` does. */
  async embedTexts(tokens: Tokens, { signal }: OperatorOptions = {}): Promise<Tensor> {
    using ends = (await this.text.run(tokens, { outputs: { hidden: false }, signal })).head!;
    return await project(this.#parts.textual, ends, signal);
  }

  /** scale^2 times how much every pixel of a picture is each text [texts, dim]: [pictures, texts, height, width]. */
  async segment(
    sight: GroupvitSight,
    texts: Tensor,
    { height, width, signal }: OperatorOptions & { readonly height: number; readonly width: number },
  ): Promise<Tensor> {
    using similar = await this.compare(sight, texts, { scale: this.scale ** 2, signal });
    using planes = await this.toPatches(sight, similar, { signal });
    return await upsample(planes, { height, width, signal });
  }

  /** Cosines of the last groups with texts [texts, dim] times a scale: [pictures, groups, texts]. */
  async compare(
    { groups }: GroupvitSight,
    texts: Tensor,
    { scale = this.scale, signal }: OperatorOptions & { readonly scale?: number } = {},
  ): Promise<Tensor> {
    using projected = await project(this.#parts.visual, groups, signal);
    using unitGroups = await l2Normalise(projected, { signal });
    using unitTexts = await l2Normalise(texts, { signal });
    const data = unitTexts.toFloats().map((value) => value * scale);
    using product = await Linear.build({ weight: { data, shape: unitTexts.shape } }, { signal });
    return await product.run(unitGroups, { signal });
  }

  /** What holds for the last groups [pictures, groups, kinds], for the patches they are made of: [pictures, kinds, ...grid]. */
  async toPatches({ grid, soft }: GroupvitSight, values: Tensor, { signal }: OperatorOptions = {}): Promise<Tensor> {
    let known = reshape(values, values.shape);
    for (const shares of [...soft].reverse()) {
      using later = known;
      known = await spread(shares, later, signal);
    }
    using ofPatches = known;
    using turned = await permute(ofPatches, [0, 2, 1], { signal });
    return reshape(turned, [...turned.shape.slice(0, 2), ...grid]);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    const { embedding, stages, norm, visual, textual } = this.#parts;
    const all = [this.text, embedding, norm, ...stages, ...linearsOf(visual), ...linearsOf(textual)];
    for (const part of all) part.release();
  }
}

export function releaseGroupvitSight({ states, groups, pooled, soft }: GroupvitSight): void {
  for (const tensor of [...states, groups, pooled, ...soft]) tensor.release();
}

/** shares [pictures, rows, groups] times values [pictures, groups, texts], picture by picture. */
async function spread(shares: Tensor, values: Tensor, signal: Signal): Promise<Tensor> {
  const [pictures = 0, length = 0, count = 0] = shares.shape;
  using columns = await permute(values, [0, 2, 1], { signal });
  const [, texts = 0] = columns.shape;
  const weights = columns.toFloats();
  const each: Tensor[] = [];
  for (let picture = 0; picture < pictures; picture += 1) {
    const data = weights.slice(picture * texts * count, (picture + 1) * texts * count);
    using product = await Linear.build({ weight: { data, shape: [texts, count] } }, { signal });
    const places = Int32Array.from({ length }, (_, row) => picture * length + row);
    using own = await gatherRows(shares, places, [1, length], { signal });
    each.push(await product.run(own, { signal }));
  }
  const joined = await concat(each, 0, { signal });
  for (const one of each) one.release();
  return joined;
}

async function buildProjection(spec: NormedProjection, options: BuildOptions): Promise<BuiltProjection> {
  const { first, second, factors, summands } = spec;
  return {
    ...{ factors, summands },
    first: await Linear.build(first, options),
    second: await Linear.build(second, options),
  };
}

function linearsOf({ first, second }: BuiltProjection): Linear[] {
  return [first, second];
}

async function project(
  { first, factors, summands, second }: BuiltProjection,
  rows: Tensor,
  signal: Signal,
): Promise<Tensor> {
  using inner = await first.run(rows, { signal });
  using factor = Tensor.from(factors, [factors.length]);
  using summand = Tensor.from(summands, [summands.length]);
  using scaled = await multiply(inner, factor, { signal });
  using normal = await add(scaled, summand, { signal });
  using active = await activate(normal, 'relu', { signal });
  return await second.run(active, { signal });
}
