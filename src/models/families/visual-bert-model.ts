/** VisualBERT's parts put together: embeds words and regions, runs the transformer over both, reads its heads. */

import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import { RowHead } from '../towers/row-head.ts';
import { RowHeads } from '../towers/row-heads.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import { joinMasks } from './join-masks.ts';
import type { VisualBertHeads, VisualBertParts } from './visual-bert.ts';
import { wordPositionMeans } from './word-alignment.ts';

/** Regions of one picture for each text, padded to one number. */
export interface RegionRows {
  /** float32 [texts, regions, width]. */
  readonly features: { readonly data: Float32Array; readonly shape: readonly number[] };
  /** [texts, regions]: 1 is a region, 0 is padding; all are there when left out. */
  readonly mask?: Integers;
  /** [texts, regions]: row of the regions' segment table; ones when left out. */
  readonly segments?: Integers;
  /** [texts, regions, words]: positions of the words that a region belongs to, -1 is none. */
  readonly alignment?: { readonly data: Integers; readonly shape: readonly number[] };
}

export interface VisualBertInput {
  readonly tokens: Tokens;
  readonly regions: RegionRows;
}

export interface VisualBertRunOptions {
  readonly returnHidden?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface VisualBertResult {
  /** float32 [texts, words + regions, width]. */
  readonly hidden: Tensor;
  /** float32 [texts, width]. */
  readonly pooled: Tensor;
  readonly hiddenStates: readonly Tensor[];
  /** Rows that are words; regions follow. */
  readonly words: number;
}

export class VisualBert {
  readonly parts: VisualBertParts;
  readonly text: TextTower;
  readonly heads: RowHeads<keyof VisualBertHeads>;
  readonly #projection: Linear;
  readonly #norm: RowHead;
  readonly #encoder: Stack;

  private constructor(
    parts: VisualBertParts,
    built: {
      text: TextTower;
      projection: Linear;
      norm: RowHead;
      encoder: Stack;
      heads: RowHeads<keyof VisualBertHeads>;
    },
  ) {
    this.parts = parts;
    this.text = built.text;
    this.#projection = built.projection;
    this.#norm = built.norm;
    this.#encoder = built.encoder;
    this.heads = built.heads;
  }

  /** Rejects as `Stack.build` does. */
  static async build(parts: VisualBertParts, options: BuildOptions = {}): Promise<VisualBert> {
    const { name, width } = parts.encoder;
    return new VisualBert(parts, {
      text: await TextTower.build(parts.text, options),
      projection: await Linear.build(parts.projection, options),
      norm: await RowHead.build({ name: `${name} (regions)`, width, steps: [{ norm: parts.norm }] }, options),
      encoder: await Stack.build(parts.encoder, options),
      heads: await RowHeads.build(name, parts.heads, options),
    });
  }

  get bytes(): number {
    const parts = [this.text.stack, this.#projection, this.#norm, this.#encoder, this.heads];
    return parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get layers(): number {
    return this.#encoder.layers;
  }

  /** Rejects with `model/bad-input` for texts and regions that do not fit, and as `Stack.run` does. */
  async run(input: VisualBertInput, options: VisualBertRunOptions = {}): Promise<VisualBertResult> {
    const { returnHidden = [], signal } = options;
    const { tokens, regions } = input;
    const { batch = 1, ids } = tokens;
    this.#check(regions, batch);
    const { hidden: embedded } = await this.text.run(tokens, { signal });
    using text = embedded!;
    using seen = await this.#embedRegions(regions, signal);
    using both = await concat([text, seen], 1, { signal });
    const count = regions.features.shape[1]!;
    const masks = [maskOr(tokens.mask, ids.length), maskOr(regions.mask, batch * count)] as const;
    const { hidden, head, hiddenStates } = await this.#encoder.run(
      { rows: both },
      { mask: joinMasks(masks[0], masks[1], batch), returnHidden, signal },
    );
    return { hidden: hidden!, pooled: head!, hiddenStates, words: ids.length / batch };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [this.text, this.#projection, this.#norm, this.#encoder, this.heads]) part.release();
  }

  /** norm(W features + segment + position), [texts, regions, width]. */
  async #embedRegions(regions: RegionRows, signal: AbortSignal | undefined): Promise<Tensor> {
    const { width } = this.#encoder;
    const { regionSegments, wordPositions } = this.parts;
    const { data, shape } = regions.features;
    const [batch = 0, count = 0] = shape;
    using features = Tensor.from(data, shape);
    using table = Tensor.from(regionSegments, [regionSegments.length / width, width]);
    const segments = Int32Array.from(maskOr(regions.segments, batch * count), Number);
    using added = await gatherRows(table, segments, [batch, count], { signal });
    using projected = await this.#projection.run(features, { residual: added, signal });
    if (regions.alignment === undefined) return await this.#norm.run(projected, signal);
    const means = wordPositionMeans(regions.alignment, wordPositions, [batch, count, width]);
    using positions = Tensor.from(means, [batch, count, width]);
    using placed = await add(projected, positions, { signal });
    return await this.#norm.run(placed, signal);
  }

  #check({ features, segments, alignment }: RegionRows, batch: number): void {
    const { regionWidth, regionSegments, wordPositions } = this.parts;
    const { width } = this.#encoder;
    const fail = (input: string, expected: string, received: string) => {
      throw new WeftError('model/bad-input', { model: this.#encoder.name, input, expected, received });
    };
    const [items, count = 0, numbers] = features.shape;
    if (features.shape.length !== 3 || items !== batch || count < 1 || numbers !== regionWidth) {
      fail('visual_embeds', `[${batch} x regions x ${regionWidth}]`, `[${features.shape.join(' x ')}]`);
    }
    const rows = regionSegments.length / width;
    const beyond = Array.from(segments ?? [], Number).find((segment) => !(segment >= 0 && segment < rows));
    if (beyond !== undefined) fail('visual_token_type_ids', `numbers from 0 to ${rows - 1}`, String(beyond));
    if (rows < 2 && segments === undefined) fail('visual_token_type_ids', 'zeros, as there is one segment', 'none');
    const last = wordPositions.length / width - 1;
    const outside = Array.from(alignment?.data ?? [], Number).find((word) => !(word >= -1 && word <= last));
    if (outside !== undefined) fail('image_text_alignment', `numbers from -1 to ${last}`, String(outside));
  }
}

/** Ones where nothing is given. */
function maskOr(values: Integers | undefined, count: number): number[] {
  return values === undefined
    ? new Array<number>(count).fill(1)
    : Array.from(values as ArrayLike<number | bigint>, Number);
}
