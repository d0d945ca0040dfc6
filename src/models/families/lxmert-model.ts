/** LXMERT's parts put together: both streams alone, then layer by layer with each other. */
import { WeftError } from '../../errors.ts';
import { add, reshape } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import { Tensor } from '../../native/tensor.ts';
import { firstRows } from '../blocks/rows.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import { RowHead } from '../towers/row-head.ts';
import { RowHeads } from '../towers/row-heads.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import type { LxmertHeads, LxmertParts } from './lxmert.ts';

interface Numbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface LxmertInput {
  readonly tokens: Tokens;
  /** float32 [texts, regions, width]. */
  readonly features: Numbers;
  /** float32 [texts, regions, 4]: left, top, right, bottom as shares of the picture. */
  readonly boxes: Numbers;
  /** [texts, regions]: 1 is a region, 0 is padding. */
  readonly regionMask?: Integers;
}

export interface LxmertRunOptions {
  /** Also give back both streams after every layer, the embeddings first. */
  readonly allStates?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface LxmertResult {
  /** float32 [texts, words, width]. */
  readonly language: Tensor;
  /** float32 [texts, regions, width]. */
  readonly regions: Tensor;
  /** float32 [texts, width]. */
  readonly pooled: Tensor;
  /** With `allStates`: layers alone, then cross layers. */
  readonly languageStates: readonly Tensor[];
  readonly regionStates: readonly Tensor[];
}

interface Built {
  readonly text: TextTower;
  readonly features: RowHead;
  readonly boxes: RowHead;
  readonly regions: Stack;
  readonly cross: readonly { readonly language: Stack; readonly regions: Stack }[];
  readonly pooler: RowHead;
}

export class Lxmert {
  readonly parts: LxmertParts;
  readonly text: TextTower;
  readonly heads: RowHeads<keyof LxmertHeads>;
  readonly #built: Built;

  private constructor(parts: LxmertParts, built: Built, heads: RowHeads<keyof LxmertHeads>) {
    this.parts = parts;
    this.text = built.text;
    this.heads = heads;
    this.#built = built;
  }

  /** Rejects as `Stack.build` does. */
  static async build(parts: LxmertParts, options: BuildOptions = {}): Promise<Lxmert> {
    const built: Built = {
      text: await TextTower.build(parts.text, options),
      features: await RowHead.build(parts.features, options),
      boxes: await RowHead.build(parts.boxes, options),
      regions: await Stack.build(parts.regions, options),
      cross: await Promise.all(
        parts.cross.map(async ({ language, regions }) => ({
          language: await Stack.build(language, options),
          regions: await Stack.build(regions, options),
        })),
      ),
      pooler: await RowHead.build(parts.pooler, options),
    };
    return new Lxmert(parts, built, await RowHeads.build(parts.text.spec.name, parts.heads, options));
  }

  get bytes(): number {
    return [this.#built.text.stack, ...this.#others()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects with `model/bad-input` for texts and regions that do not fit, and as `Stack.run` does. */
  async run(input: LxmertInput, { allStates = false, signal }: LxmertRunOptions = {}): Promise<LxmertResult> {
    const { tokens, regionMask } = input;
    this.#check(input);
    const { text, regions: own, cross, pooler } = this.#built;
    const all = (layers: number) => (allStates ? Array.from({ length: layers + 1 }, (_, state) => state) : []);
    using seen = await this.#embedRegions(input, signal);
    const masks = {
      language: tokens.mask === undefined ? {} : { mask: tokens.mask },
      regions: regionMask === undefined ? {} : { mask: regionMask },
    };
    const [words, things] = await Promise.all([
      text.run(tokens, { returnHidden: all(text.stack.layers), signal }),
      own.run({ rows: seen }, { ...masks.regions, returnHidden: all(own.layers), signal }),
    ]);
    const states = { language: [...words.hiddenStates], regions: [...things.hiddenStates] };
    let [language, regions] = [words.hidden!, things.hidden!];
    for (const layer of cross) {
      const [nextLanguage, nextRegions] = await Promise.all([
        layer.language.run(
          { rows: language },
          { ...masks.language, memory: [{ rows: regions, ...masks.regions }], signal },
        ),
        layer.regions.run(
          { rows: regions },
          { ...masks.regions, memory: [{ rows: language, ...masks.language }], signal },
        ),
      ]);
      language.release();
      regions.release();
      [language, regions] = [nextLanguage.hidden!, nextRegions.hidden!];
      if (!allStates) continue;
      states.language.push(reshape(language, language.shape));
      states.regions.push(reshape(regions, regions.shape));
    }
    using first = await firstRows(language, { signal });
    const pooled = await pooler.run(first, signal);
    return { language, regions, pooled, languageStates: states.language, regionStates: states.regions };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [this.text, ...this.#others()]) part.release();
  }

  #others() {
    const { features, boxes, regions, cross, pooler } = this.#built;
    return [features, boxes, regions, ...cross.flatMap((layer) => [layer.language, layer.regions]), pooler, this.heads];
  }

  /** (norm(W features) + norm(V box)) / 2, [texts, regions, width]. */
  async #embedRegions({ features, boxes }: LxmertInput, signal: AbortSignal | undefined): Promise<Tensor> {
    using rows = Tensor.from(features.data, features.shape);
    using places = Tensor.from(boxes.data, boxes.shape);
    using seen = await this.#built.features.run(rows, signal);
    using placed = await this.#built.boxes.run(places, signal);
    return await add(seen, placed, { signal });
  }

  #check({ tokens: { batch = 1 }, features, boxes }: LxmertInput): void {
    const [, regions = 0] = features.shape;
    const check = (input: string, { shape }: Numbers, width: number) => {
      const [items, rows, numbers] = shape;
      const fits = shape.length === 3 && items === batch && rows === regions && regions > 0 && numbers === width;
      if (fits) return;
      const expected = `[${batch} x ${regions > 0 ? regions : 'regions'} x ${width}]`;
      const received = `[${shape.join(' x ')}]`;
      throw new WeftError('model/bad-input', { model: this.parts.text.spec.name, input, expected, received });
    };
    check('visual_feats', features, this.parts.features.width);
    check('visual_pos', boxes, this.parts.boxes.width);
  }
}
