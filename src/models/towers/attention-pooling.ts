/**
 * Pools a tower's rows by attention: a learned row, the probe, asks them, in a stack of its own.
 * Source: Lee et al., Set Transformer (2018), pooling by multihead attention.
 */
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack } from '../../native/stack.ts';
import type { StackSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from './picture-tower.ts';

export interface PoolingStack {
  /** [width], the same for all items. */
  readonly probe: Float32Array;
  /** Reads rows [batch, 1, width], its memory are the tower's. With a head. */
  readonly spec: StackSpec;
}

export class AttentionPooling {
  readonly #stack: Stack;
  readonly #probe: Float32Array;

  private constructor(stack: Stack, probe: Float32Array) {
    this.#stack = stack;
    this.#probe = probe;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ spec, probe }: PoolingStack, options: BuildOptions = {}): Promise<AttentionPooling> {
    return new AttentionPooling(await Stack.build(spec, options), probe);
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.#stack.bytes;
  }

  /** Rows [batch, length, width] to the head's [batch, outputs]. Rejects as `Stack.run` does. */
  async run(rows: Tensor, { signal }: OperatorOptions = {}): Promise<Tensor> {
    const [batch = 0] = rows.shape;
    const width = this.#probe.length;
    const probes = new Float32Array(batch * width);
    for (let item = 0; item < batch; item += 1) probes.set(this.#probe, item * width);
    using asking = Tensor.from(probes, [batch, 1, width]);
    const memory = [{ rows }];
    const { head } = await this.#stack.run({ rows: asking }, { memory, outputs: { hidden: false }, signal });
    return head!;
  }

  release(): void {
    this.#stack.release();
  }
}
