/** BLIP-2 as it writes: a picture into rows, the rows into a text's place, a text after them. Must not choose tokens. */
import { Stack } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import { rowSteps } from '../decoding/row-steps.ts';
import type { DecodingSteps } from '../decoding/steps.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { RowLanguageModel } from '../towers/row-language-model.ts';
import type { Blip2CaptionStacks } from './blip2.ts';
import { QFORMER_PRECISION } from './qformer.ts';

/** No id of a vocabulary: stands for rows where the model has no token for them. */
const NO_TOKEN = -1;

export interface Blip2Sight {
  /** Last rows of the picture [batch, rows, width]. */
  readonly picture: Tensor;
  /** What the queries made of it, before and after the projection: [batch, queries, width]. */
  readonly queries: Tensor;
  readonly rows: Tensor;
}

export class Blip2Model {
  readonly vision: PictureTower;
  readonly language: RowLanguageModel;
  readonly queries: number;
  readonly placeholder: number;
  readonly bytes: number;
  readonly #former: Stack;

  private constructor(vision: PictureTower, former: Stack, language: RowLanguageModel, stacks: Blip2CaptionStacks) {
    this.vision = vision;
    this.language = language;
    this.queries = stacks.queries;
    this.placeholder = stacks.placeholder ?? NO_TOKEN;
    this.bytes = vision.stack.bytes + former.bytes + language.bytes;
    this.#former = former;
  }

  /** Rejects as `Stack.build` does. */
  static async build(stacks: Blip2CaptionStacks, options: BuildOptions = {}): Promise<Blip2Model> {
    return new Blip2Model(
      await PictureTower.build(stacks.vision, options),
      await Stack.build(stacks.queryStack, { ...options, precision: QFORMER_PRECISION }),
      await RowLanguageModel.build(stacks.language, options),
      stacks,
    );
  }

  /** All three are the caller's. Rejects with `model/bad-input`, and as `Stack.run` does. */
  async see(pictures: Pictures, signal?: AbortSignal): Promise<Blip2Sight> {
    const picture = (await this.vision.run(pictures, { signal })).hidden!;
    const batch = picture.shape[0]!;
    const ids = Array.from({ length: batch * this.queries }, (_, index) => index % this.queries);
    const { hidden, head } = await this.#former.run({ ids, batch }, { memory: [{ rows: picture }], signal });
    return { picture, queries: hidden!, rows: head! };
  }

  /** Texts whose placeholders the rows stand for. `mask`: of prompts padded on the left. */
  steps(rows: Tensor, mask?: readonly (readonly number[])[]): DecodingSteps {
    const pictures = { rows, placeholder: this.placeholder };
    return rowSteps(this.language, { batch: rows.shape[0]!, mask, pictures });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.vision.release();
    this.#former.release();
    this.language.release();
  }
}
