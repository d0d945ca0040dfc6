/** Runs VirTex's captioning heads over a feature map. Knows no weight names. */
import { WeftError } from '../../errors.ts';
import { gatherRows, permute, reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { VirtexSpec } from './virtex.ts';

/** Fills captions up; its rows count as zeros. */
const PADDING = 0;

export interface VirtexCaption {
  /** [batch, channels, height, width]: what the last convolution sees. */
  readonly visual: Tensor;
  /** [batch, length], row-major, padded on the right. Backwards: the caption reversed. */
  readonly ids: readonly number[];
  /** [batch, length]: 1 is a token. */
  readonly mask: readonly number[];
}

interface Parts {
  readonly picture: Linear;
  readonly words: Stack;
  readonly forward: Stack;
  readonly backward: Stack;
  readonly output: Linear;
}

export class VirtexHead {
  readonly bytes: number;
  readonly #parts: Parts;
  readonly #positions: number;

  private constructor(parts: Parts, positions: number) {
    this.#parts = parts;
    this.#positions = positions;
    this.bytes = Object.values<Linear | Stack>({ ...parts }).reduce((sum, part) => sum + part.bytes, 0);
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: VirtexSpec, options: BuildOptions = {}): Promise<VirtexHead> {
    const parts = {
      picture: await Linear.build(spec.picture, options),
      words: await Stack.build(spec.words, options),
      forward: await Stack.build(spec.forward, options),
      backward: await Stack.build(spec.backward, options),
      output: await Linear.build(spec.output, options),
    };
    return new VirtexHead(parts, spec.positions);
  }

  /**
   * Rows [batch, length, width] and logits of the token after each. Rejects with `model/bad-input` for captions that are too
   * long, and as `Stack.run` does.
   */
  async read(
    direction: 'forward' | 'backward',
    { visual, ids, mask }: VirtexCaption,
    signal?: AbortSignal,
  ): Promise<{ readonly hidden: Tensor; readonly logits: Tensor }> {
    const { picture, words, output } = this.#parts;
    const [batch = 0, channels = 0, height = 0, width = 0] = visual.shape;
    const length = this.#checkLength(ids, batch);
    using columns = await permute(visual, [0, 2, 3, 1], { signal });
    using flat = reshape(columns, [batch, height * width, channels]);
    using seen = await picture.run(flat, { signal });
    using embedded = (await words.run({ ids, batch }, { signal })).hidden!;
    const kept = Int32Array.from(ids, (id, index) => (id === PADDING ? -1 : index));
    using rows = await gatherRows(embedded, kept, [batch, length], { signal });
    const read = await this.#parts[direction].run({ rows }, { mask, memory: [{ rows: seen }], signal });
    return { hidden: read.hidden!, logits: await output.run(read.hidden!, { signal }) };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of Object.values<Linear | Stack>({ ...this.#parts })) part.release();
  }

  #checkLength(ids: readonly number[], batch: number): number {
    const length = ids.length / batch;
    if (Number.isSafeInteger(length) && length >= 1 && length <= this.#positions) return length;
    throw new WeftError('model/bad-input', {
      model: this.#parts.forward.name,
      input: 'tokens',
      expected: `${batch} captions of one length, from 1 to ${this.#positions} tokens,`,
      received: `${ids.length} tokens`,
    });
  }
}
