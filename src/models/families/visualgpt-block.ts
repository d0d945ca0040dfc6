/** Runs VisualGPT's decoder block, with the paper's gate or with that of its authors' code. Knows no weight names. */

import { refuse } from '../../native/argument.ts';
import { add, multiply } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { Tensor } from '../../native/tensor.ts';
import { hiddenOf } from '../fusion/hidden-of.ts';
import { mixLevels, paperGates } from '../fusion/self-resurrecting-gate.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { VisualGptSpec } from './visualgpt.ts';

export interface VisualGptInput {
  /** Language rows [batch, length, width], and which are tokens. */
  readonly hidden: Tensor;
  readonly mask?: Integers | undefined;
  /** Rows [batch, regions, width] of each level of the encoder, and which regions there are. The paper's gate reads one. */
  readonly levels: readonly Tensor[];
  readonly levelsMask?: Integers | undefined;
}

export interface VisualGptOutput {
  /** After self-attention. */
  readonly selfAttention: Tensor;
  /** What cross-attention gives for each level that is read. */
  readonly crossed: readonly Tensor[];
  readonly output: Tensor;
}

interface Parts {
  readonly selfAttention: Stack;
  readonly norm: Stack;
  readonly crossAttention: Stack;
  readonly feedForward: Stack;
}

export class VisualGptBlock {
  readonly bytes: number;
  readonly #stacks: Parts;
  readonly #gates: readonly Linear[];
  readonly #threshold: number;

  private constructor(stacks: Parts, gates: readonly Linear[], threshold: number) {
    this.#stacks = stacks;
    this.#gates = gates;
    this.#threshold = threshold;
    this.bytes = [...Object.values<Stack>({ ...stacks }), ...gates].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: VisualGptSpec, options: BuildOptions = {}): Promise<VisualGptBlock> {
    const stacks = {
      selfAttention: await Stack.build(spec.selfAttention, options),
      norm: await Stack.build(spec.norm, options),
      crossAttention: await Stack.build(spec.crossAttention, options),
      feedForward: await Stack.build(spec.feedForward, options),
    };
    const gates = await Promise.all(spec.gates.map((one) => Linear.build(one, options)));
    return new VisualGptBlock(stacks, gates, spec.threshold);
  }

  /** The gate as the paper writes it, over the first level. Rejects as `Stack.run` does. */
  async runPaper(
    input: VisualGptInput,
    signal?: AbortSignal,
  ): Promise<VisualGptOutput & { readonly visualGate: Tensor; readonly languageGate: Tensor }> {
    this.#checkLevels(input, undefined);
    const language = await this.#attendSelf(input, signal);
    const visual = await this.#cross(language, input.levels[0]!, input, signal);
    const gates = await paperGates(language, this.#threshold, signal);
    using seen = await multiply(gates.visual, visual, { signal });
    using said = await multiply(gates.language, language, { signal });
    using mixed = await add(seen, said, { signal });
    const output = await hiddenOf(this.#stacks.feedForward, mixed, { signal });
    return {
      ...{ selfAttention: language, crossed: [visual], output },
      ...{ visualGate: gates.visual, languageGate: gates.language },
    };
  }

  /** The gate as the authors' code has it, over all levels. Rejects as `Stack.run` does. */
  async runCode(
    input: VisualGptInput,
    signal?: AbortSignal,
  ): Promise<VisualGptOutput & { readonly shares: readonly Tensor[] }> {
    this.#checkLevels(input, this.#gates.length);
    const language = await this.#attendSelf(input, signal);
    const crossed: Tensor[] = [];
    for (const level of input.levels) crossed.push(await this.#cross(language, level, input, signal));
    const { shares, output: sum } = await mixLevels(language, crossed, this.#gates, this.#threshold, signal);
    using mixed = sum;
    const output = await hiddenOf(this.#stacks.feedForward, mixed, { signal });
    return { selfAttention: language, crossed, shares, output };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const stack of Object.values<Stack>({ ...this.#stacks })) stack.release();
    for (const gate of this.#gates) gate.release();
  }

  #checkLevels({ levels }: VisualGptInput, gates: number | undefined): void {
    if (gates === undefined ? levels.length >= 1 : levels.length === gates && gates >= 1) return;
    const expected =
      gates === undefined ? 'rows of a level of the encoder' : `rows of ${gates} levels, one for each gate`;
    refuse('visualgpt', 'levels', expected, levels.length);
  }

  async #attendSelf({ hidden, mask }: VisualGptInput, signal: AbortSignal | undefined): Promise<Tensor> {
    const options = mask === undefined ? { signal } : { mask, signal };
    return hiddenOf(this.#stacks.selfAttention, hidden, options);
  }

  async #cross(
    language: Tensor,
    level: Tensor,
    { levelsMask: mask }: VisualGptInput,
    signal: AbortSignal | undefined,
  ): Promise<Tensor> {
    using rows = await hiddenOf(this.#stacks.norm, level, { signal });
    const memory = [mask === undefined ? { rows } : { rows, mask }];
    return hiddenOf(this.#stacks.crossAttention, language, { memory, signal });
  }
}
