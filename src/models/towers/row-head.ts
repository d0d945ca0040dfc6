/**
 * What is read off rows that are there already: pooled ones, chosen ones, those of another stack. Knows no family.
 */
import { reshape } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { HeadStepSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from './picture-tower.ts';

export interface RowHeadSpec {
  /** How errors name it. */
  readonly name: string;
  /** Numbers of a row. */
  readonly width: number;
  /** One after the other; the first reads the rows. */
  readonly steps: readonly [HeadStepSpec, ...HeadStepSpec[]];
}

export class RowHead {
  readonly #stack: Stack;

  private constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ name, width, steps }: RowHeadSpec, options: BuildOptions = {}): Promise<RowHead> {
    const [first, ...more] = steps;
    return new RowHead(await Stack.build({ name, width, layers: [], head: { rows: 'all', ...first, more } }, options));
  }

  get bytes(): number {
    return this.#stack.bytes;
  }

  /** [..., width] to [..., outputs]. Rejects as `Stack.run` does. */
  async run(rows: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const { width } = this.#stack;
    using flat = reshape(rows, [1, rows.count / width, width]);
    const { head } = await this.#stack.run({ rows: flat }, { outputs: { hidden: false }, signal });
    using read = head!;
    return reshape(read, [...rows.shape.slice(0, -1), read.shape.at(-1)!]);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#stack.release();
  }
}
