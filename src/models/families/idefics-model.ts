/** Idefics as it runs: pictures of each text into rows, words that look at some of them. Must not choose tokens. */
import { WeftError } from '../../errors.ts';
import { reshape } from '../../native/arrange.ts';
import type { StackResult } from '../../native/stack.ts';
import { Tensor } from '../../native/tensor.ts';
import { itemsOf } from '../decoding/items.ts';
import { cachedSteps, type DecodingSteps } from '../decoding/steps.ts';
import { PerceiverResampler } from '../fusion/perceiver-resampler.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { RowLanguageModel, type RowReadOptions } from '../towers/row-language-model.ts';
import type { IdeficsStacks } from './idefics.ts';

/** Which pictures each word sees: [batch, length, pictures], 1 is seen. */
export type Views = readonly (readonly (readonly number[])[])[];

export interface IdeficsText {
  /** [batch, length], row-major. */
  readonly ids: readonly number[];
  readonly views: Views;
  /** Rows of pictures [batch, pictures, rows, width]. */
  readonly sight: Tensor;
  /** [batch, rows read before and new ones]: 1 is there, 0 is padding. */
  readonly mask?: readonly number[] | undefined;
}

export class IdeficsModel {
  readonly vision: PictureTower;
  readonly language: RowLanguageModel;
  /** Bytes of packed weights. */
  readonly bytes: number;
  /** As in IdeficsStacks. */
  readonly states: readonly number[];
  readonly #resampler: PerceiverResampler | undefined;
  readonly #added: { readonly rows: Tensor; readonly first: number } | undefined;

  private constructor(
    vision: PictureTower,
    resampler: PerceiverResampler | undefined,
    language: RowLanguageModel,
    { added, states }: IdeficsStacks,
  ) {
    this.vision = vision;
    this.language = language;
    this.states = states;
    this.bytes = vision.stack.bytes + (resampler?.bytes ?? 0) + language.bytes;
    this.#resampler = resampler;
    const { first, count, rows } = added;
    this.#added = count === 0 ? undefined : { first, rows: Tensor.from(rows, [count, language.width]) };
  }

  /** Rejects as `Stack.build` does. */
  static async build(stacks: IdeficsStacks, options: BuildOptions = {}): Promise<IdeficsModel> {
    const { vision, resampler, language } = stacks;
    return new IdeficsModel(
      await PictureTower.build(vision, options),
      resampler && (await PerceiverResampler.build(resampler, options)),
      await RowLanguageModel.build(language, options),
      stacks,
    );
  }

  /**
   * Pictures [batch, pictures, channels, height, width] to rows [batch, pictures, rows, width]. Rejects with
   * `model/bad-input`, and as `Stack.run` does.
   */
  async see({ data, shape }: Pictures, signal?: AbortSignal): Promise<Tensor> {
    const [batch = 0, count = 0, ...picture] = shape;
    const { hidden } = await this.vision.run({ data, shape: [batch * count, ...picture] }, { signal });
    using seen = hidden!;
    using rows = this.#resampler === undefined ? reshape(seen, seen.shape) : await this.#resampler.run(seen, signal);
    const [, length = 0, width = 0] = rows.shape;
    return reshape(rows, [batch, count, length, width]);
  }

  /** Rejects with `model/bad-input` for a text that is too long or views of other pictures, and as `Stack.run` does. */
  async read({ ids, views, sight, mask }: IdeficsText, options: RowReadOptions = {}): Promise<StackResult> {
    const [batch = 1, pictures = 0, length = 0, width = 0] = sight.shape;
    this.#checkViews(views, batch, ids.length / batch, pictures);
    using bias = viewBias(views, length);
    using memory = reshape(sight, [batch, pictures * length, width]);
    using rows = await this.#embed(ids, batch, options.signal);
    return await this.language.read(
      { rows, mask, positionsFromMask: true },
      { ...options, memory: [{ rows: memory, bias }] },
    );
  }

  /**
   * Texts that look at pictures, which stay the caller's; a word that is written sees what the prompt's last one sees.
   * `mask`: of prompts padded on the left. The head must read the last row.
   */
  steps(sight: Tensor, views: Views, mask?: readonly (readonly number[])[]): DecodingSteps {
    const { name, positions } = this.language;
    const batch = sight.shape[0]!;
    const last = views.map((text) => text.slice(-1));
    return cachedSteps({
      name,
      positions,
      cache: this.language.newCache(batch),
      mask,
      read: async ({ ids, isFirst, cache, mask: seen, origins }, options) => {
        const all = origins.map((origin) => (isFirst ? views : last)[origin]!);
        using own = await itemsOf(sight, origins, options.signal);
        return await this.read({ ids, views: all, sight: own, mask: seen }, { ...options, cache });
      },
    });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.vision.release();
    this.#resampler?.release();
    this.#added?.rows.release();
    this.language.release();
  }

  #embed(ids: readonly number[], batch: number, signal: AbortSignal | undefined): Promise<Tensor> {
    if (this.#added === undefined) return this.language.embed(ids, batch, undefined, signal);
    const { rows, first } = this.#added;
    return this.language.embed(
      ids,
      batch,
      { rows, rowOf: ids.map((id) => (id < first ? undefined : id - first)) },
      signal,
    );
  }

  #checkViews(views: Views, batch: number, length: number, pictures: number): void {
    const fits = (text: Views[number]) => text.length === length && text.every((word) => word.length === pictures);
    if (views.length === batch && views.every(fits)) return;
    const [text = []] = views;
    throw new WeftError('model/bad-input', {
      model: this.language.name,
      input: 'image_attention_mask',
      expected: `[${batch} x ${length} x ${pictures}], a number for each picture of each word,`,
      received: `[${views.length} x ${text.length} x ${text[0]?.length ?? 0}]`,
    });
  }
}

/** Added to the scores of pictures' rows, [batch, 1, length, pictures * rows]: 0 where the word sees the picture. */
function viewBias(views: Views, rows: number): Tensor {
  const numbers = views.flatMap((text) =>
    text.flatMap((word) => word.flatMap((seen) => Array<number>(rows).fill(seen === 0 ? Number.NEGATIVE_INFINITY : 0))),
  );
  const [text = []] = views;
  return Tensor.from(Float32Array.from(numbers), [views.length, 1, text.length, rows * (text[0]?.length ?? 0)]);
}
