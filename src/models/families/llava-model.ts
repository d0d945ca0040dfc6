/** LLaVA as it runs: pictures into rows, which stand for placeholders of a text. Must not choose tokens. */
import { concat, gatherRows } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import { rowSteps } from '../decoding/row-steps.ts';
import type { DecodingSteps } from '../decoding/steps.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { RowLanguageModel } from '../towers/row-language-model.ts';
import type { LlavaStacks } from './llava.ts';

export class LlavaModel {
  readonly vision: PictureTower;
  readonly language: RowLanguageModel;
  readonly placeholder: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  readonly #projector: Stack;
  readonly #states: readonly number[];
  readonly #readsClass: boolean;

  private constructor(vision: PictureTower, projector: Stack, language: RowLanguageModel, stacks: LlavaStacks) {
    this.vision = vision;
    this.language = language;
    this.placeholder = stacks.placeholder;
    this.bytes = vision.stack.bytes + projector.bytes + language.bytes;
    this.#projector = projector;
    this.#states = stacks.states;
    this.#readsClass = stacks.readsClass;
  }

  /** Rejects as `Stack.build` does. */
  static async build(stacks: LlavaStacks, options: BuildOptions = {}): Promise<LlavaModel> {
    return new LlavaModel(
      await PictureTower.build(stacks.vision, options),
      await Stack.build(stacks.projector, options),
      await RowLanguageModel.build(stacks.language, options),
      stacks,
    );
  }

  /** Rows [pictures, rows, width]. Rejects with `model/bad-input`, and as `Stack.run` does. */
  async see(pictures: Pictures, signal?: AbortSignal): Promise<Tensor> {
    const options = { returnHidden: this.#states, outputs: { hidden: false }, signal };
    const { hiddenStates } = await this.vision.run(pictures, options);
    try {
      using beside = await concat(hiddenStates, 2, { signal });
      using rows = await this.#chosen(beside, signal);
      const { head } = await this.#projector.run({ rows }, { outputs: { hidden: false }, signal });
      return head!;
    } finally {
      for (const state of hiddenStates) state.release();
    }
  }

  /** Texts whose placeholders the rows stand for, in order; the rows stay the caller's. `mask`: of prompts padded left. */
  steps(rows: Tensor | undefined, batch: number, mask?: readonly (readonly number[])[]): DecodingSteps {
    const pictures = rows && { rows, placeholder: this.placeholder };
    return rowSteps(this.language, { batch, mask, pictures });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.vision.release();
    this.#projector.release();
    this.language.release();
  }

  /** Without the class token's row where that is not read. */
  #chosen(rows: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    const [pictures = 0, all = 0] = rows.shape;
    const first = this.#readsClass ? 0 : 1;
    const count = all - first;
    const chosen = Int32Array.from(
      { length: pictures * count },
      (_, index) => Math.floor(index / count) * all + first + (index % count),
    );
    return gatherRows(rows, chosen, [pictures, count], { signal });
  }
}
