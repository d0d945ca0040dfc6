/**
 * OWL-ViT and OWLv2 at work: what pictures hold, what texts and other pictures ask for, and how well the one answers the
 * other. Minderer et al. 2022, in the form that transformers gives it:
 *
 *   patches = norm(norm'(patch) * norm'(class token))
 *   logit   = (cos(class embedding, query) + shift) * (elu(scale) + 1)
 */
import { gatherRows, mean, multiply } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { l2Normalise, type OperatorOptions } from '../../native/rows.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import { repeatRow, sliceRows } from '../blocks/rows.ts';
import { type BuildOptions, type PictureRunOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import type { OwlStacks } from './owl.ts';
import { boxBias, boxesLikePicture, leastLike, placeBoxes } from './owl-boxes.ts';

/** What a detector sees in pictures. Holds tensors: let go of it with `releaseSight`. */
export interface OwlSight {
  readonly vision: StackResult;
  /** Patches along height and width. */
  readonly grid: readonly [number, number];
  /** float32 [pictures, patches, width]: what all heads read. */
  readonly features: Tensor;
  /** [pictures, patches, 4]: centre x, centre y, width, height as shares of the picture. */
  readonly boxes: Float32Array;
  /** float32 [pictures, patches, dim]: class embeddings, not normalised. */
  readonly embeds: Tensor;
  /** [pictures, patches, 2]: the shift, and the scale before its ELU. */
  readonly adjust: Float32Array;
  /** [pictures, patches]: logits, in OWLv2. */
  readonly objectness: Float32Array | undefined;
}

/** Class embeddings that stand for query pictures, one each. */
export interface OwlQueries {
  /** [pictures, dim], not normalised. */
  readonly embeds: Float32Array;
  /** Which patch each of them is of. */
  readonly patches: readonly number[];
}

type Heads = { readonly [Name in keyof OwlStacks['heads']]: Stack };

/** What transformers adds to lengths before it divides by them. */
const LENGTH_MARGIN = 1e-6;
/** The logit of a query that is only padding: torch.finfo(float32).min. */
const LOWEST_FLOAT = -3.4028234663852886e38;

export class OwlDetector {
  readonly dim: number;
  /** What cosines of whole pictures and texts are multiplied with. */
  readonly scale: number;
  readonly vision: PictureTower;
  readonly text: TextTower;
  readonly #patch: readonly [number, number];
  readonly #heads: Heads;

  private constructor(stacks: OwlStacks, vision: PictureTower, text: TextTower, heads: Heads) {
    this.dim = stacks.dim;
    this.scale = stacks.scale;
    this.vision = vision;
    this.text = text;
    this.#patch = stacks.patch;
    this.#heads = heads;
  }

  /** Rejects as `Stack.build` does. */
  static async build(stacks: OwlStacks, options: BuildOptions = {}): Promise<OwlDetector> {
    const { boxes, embeds, adjust, objectness } = stacks.heads;
    const heads: Heads = {
      boxes: await Stack.build(boxes, options),
      embeds: await Stack.build(embeds, options),
      adjust: await Stack.build(adjust, options),
      ...(objectness === undefined ? {} : { objectness: await Stack.build(objectness, options) }),
    };
    const vision = await PictureTower.build(stacks.vision, options);
    return new OwlDetector(stacks, vision, await TextTower.build(stacks.text, options), heads);
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return [this.vision.stack, this.text.stack, ...this.#stacks()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects with `model/bad-input` for pictures of another size than the model's, and as `Stack.run` does. */
  async see(pictures: Pictures, options: Omit<PictureRunOptions, 'outputs'> = {}): Promise<OwlSight> {
    const { signal } = options;
    const vision = await this.vision.run(pictures, options);
    const [, , height = 0, width = 0] = pictures.shape;
    const grid = [Math.floor(height / this.#patch[0]), Math.floor(width / this.#patch[1])] as const;
    const patches = grid[0] * grid[1];
    using own = await sliceRows(vision.hidden!, 1, patches, { signal });
    using whole = await repeatRow(vision.hidden!, 0, patches, { signal });
    using merged = await multiply(own, whole, { signal });
    const first = await this.#heads.boxes.run({ rows: merged }, { signal });
    const features = first.hidden!;
    const read = async (stack: Stack) =>
      (await stack.run({ rows: features }, { outputs: { hidden: false }, signal })).head!;
    const { objectness } = this.#heads;
    return {
      ...{ vision, grid, features },
      boxes: placeBoxes(floatsOf(first.head!), boxBias(grid)),
      embeds: await read(this.#heads.embeds),
      adjust: floatsOf(await read(this.#heads.adjust)),
      objectness: objectness && floatsOf(await read(objectness)),
    };
  }

  /** Texts in the space of class embeddings, of length one: [texts, dim]. Rejects as `TextTower.run` does. */
  async ask(tokens: Tokens, { signal }: OperatorOptions = {}): Promise<Float32Array> {
    const { head } = await this.text.run(tokens, { outputs: { hidden: false }, signal });
    using projected = head!;
    return floatsOf(await l2Normalise(projected, { epsilon: 0, signal }));
  }

  /**
   * What stands for each query picture: of the boxes that cover it about as well as any, the class embedding that is least
   * like the mean of all, which is mostly background.
   */
  async query({ boxes, embeds }: OwlSight, { signal }: OperatorOptions = {}): Promise<OwlQueries> {
    const [pictures = 0, patches = 0] = embeds.shape;
    const means = floatsOf(await mean(embeds, 1, { signal }));
    const chosen: number[] = [];
    for (let picture = 0; picture < pictures; picture += 1) {
      const own = boxesLikePicture(boxes.subarray(4 * patches * picture, 4 * patches * (picture + 1)));
      const rows = Int32Array.from(own, (patch) => picture * patches + patch);
      const candidates = floatsOf(await gatherRows(embeds, rows, [rows.length], { signal }));
      const common = means.subarray(this.dim * picture, this.dim * (picture + 1));
      chosen.push(own[leastLike(candidates, common)]!);
    }
    const rows = Int32Array.from(chosen, (patch, picture) => picture * patches + patch);
    return { embeds: floatsOf(await gatherRows(embeds, rows, [pictures], { signal })), patches: chosen };
  }

  /**
   * Logits [pictures, patches, queries] of each picture's own queries [pictures, queries, dim]. Queries that `isPadding`
   * says so of, by number over all pictures, get the lowest float.
   */
  async compare(
    { embeds, adjust }: OwlSight,
    queries: Float32Array,
    { isPadding, signal }: OperatorOptions & { readonly isPadding?: (query: number) => boolean } = {},
  ): Promise<Float32Array> {
    const [pictures = 0, patches = 0] = embeds.shape;
    const each = queries.length / this.dim / pictures;
    const unit = unitQueries(queries, this.dim);
    using normal = await l2Normalise(embeds, { signal });
    using products = await multiply(embeds, normal, { signal });
    // The mean of x * x / |x| is |x| / dim.
    const lengths = floatsOf(await mean(products, -1, { signal }));
    const logits = new Float32Array(pictures * patches * each);
    for (let picture = 0; picture < pictures; picture += 1) {
      const own = unit.subarray(picture * each * this.dim, (picture + 1) * each * this.dim);
      const rows = Int32Array.from({ length: patches }, (_, patch) => picture * patches + patch);
      using image = await gatherRows(normal, rows, [patches], { signal });
      using product = await Linear.build({ weight: { data: own.slice(), shape: [each, this.dim] } }, { signal });
      const cosines = floatsOf(await product.run(image, { signal }));
      for (const [cell, cosine] of cosines.entries()) {
        const [patch, query] = [picture * patches + Math.floor(cell / each), picture * each + (cell % each)];
        const length = lengths[patch]! * this.dim;
        const [shift, scale] = [adjust[2 * patch]!, elu(adjust[2 * patch + 1]!) + 1];
        const exact = (cosine * length) / (length + LENGTH_MARGIN);
        logits[picture * patches * each + cell] = isPadding?.(query) ? LOWEST_FLOAT : (exact + shift) * scale;
      }
    }
    return logits;
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.vision.release();
    this.text.release();
    for (const stack of this.#stacks()) stack.release();
  }

  #stacks(): Stack[] {
    return Object.values(this.#heads);
  }
}

export function releaseSight({ vision, features, embeds }: OwlSight): void {
  const held = [vision.hidden, vision.head, ...vision.hiddenStates, features, embeds];
  for (const tensor of held) tensor?.release();
}

function floatsOf(tensor: Tensor): Float32Array {
  const floats = tensor.toFloats();
  tensor.release();
  return floats;
}

function unitQueries(queries: Float32Array, dim: number): Float32Array {
  const unit = queries.slice();
  for (let start = 0; start < unit.length; start += dim) {
    const row = unit.subarray(start, start + dim);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) + LENGTH_MARGIN;
    for (let index = 0; index < dim; index += 1) row[index]! /= length;
  }
  return unit;
}

function elu(value: number): number {
  return value > 0 ? value : Math.expm1(value);
}
