/**
 * Mappers that make a prefix for a language model out of what a vision tower gives: rows [batch, prefix length, width] that
 * stand before the words' embeddings.
 *   Frozen:               rows = W v                          Tsimpoukelli et al., Multimodal Few-Shot Learning with Frozen
 *                                                             Language Models (2021)
 *   ClipCap, MLP:         rows = W2 tanh(W1 v)                Mokady et al., ClipCap: CLIP Prefix for Image Captioning (2021)
 *   ClipCap, transformer: rows = last of T([W v; constants])  the same
 *   MAPL:                 rows = W2 (last of T([W1 v; constants]))  Mañas et al., MAPL: Parameter-Efficient Adaptation of
 *                                                             Unimodal Pre-Trained Models (2022)
 */

import { refuse, shapeText } from '../../native/argument.ts';
import { concat, gatherRows, reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';

export interface PrefixMapperSpec {
  /** How errors name it. */
  readonly name: string;
  /** Rows of the prefix. */
  readonly length: number;
  /** Their width: the language model's. */
  readonly width: number;
  /** Applied to the visual rows, one after the other, with tanh between two. */
  readonly project: readonly LinearSpec[];
  readonly reader?: PrefixReaderSpec;
}

/** A transformer over visual rows and learned ones, of which the learned ones become the prefix. */
export interface PrefixReaderSpec {
  readonly stack: StackSpec;
  /** [prefix length, width of the stack], row-major. */
  readonly constants: Float32Array;
  /** Rows of the stack that one projected vector becomes; left out: every projected row is one. */
  readonly split?: number;
  readonly up?: LinearSpec;
}

export class PrefixMapper {
  readonly bytes: number;
  readonly #spec: PrefixMapperSpec;
  readonly #project: readonly Linear[];
  readonly #reader: { readonly stack: Stack; readonly constants: Tensor; readonly up: Linear | undefined } | undefined;

  private constructor(spec: PrefixMapperSpec, project: readonly Linear[], stack?: Stack, up?: Linear) {
    this.#spec = spec;
    this.#project = project;
    if (stack !== undefined) {
      const constants = Tensor.from(spec.reader!.constants, [spec.length, stack.width]);
      this.#reader = { stack, constants, up };
    }
    this.bytes = [...project, stack, up].reduce((sum, part) => sum + (part?.bytes ?? 0), 0);
  }

  /** Width of the visual rows. */
  get inputs(): number {
    return this.#project[0]!.inputs;
  }

  /** It reads all rows of a picture, not one vector. */
  get readsRows(): boolean {
    const { reader } = this.#spec;
    return reader !== undefined && reader.split === undefined;
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: PrefixMapperSpec, options: BuildOptions = {}): Promise<PrefixMapper> {
    const project = await Promise.all(spec.project.map((one) => Linear.build(one, options)));
    const { reader } = spec;
    if (reader === undefined) return new PrefixMapper(spec, project);
    const stack = await Stack.build(reader.stack, options);
    return new PrefixMapper(spec, project, stack, reader.up && (await Linear.build(reader.up, options)));
  }

  /**
   * [batch, visual width] or, for a mapper that reads rows, [batch, rows, visual width] to [batch, length, width]. Rejects
   * with `native/bad-argument` for another shape, and as `Stack.run` does.
   */
  async run(visual: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const { name, length, width, reader } = this.#spec;
    const { readsRows, inputs } = this;
    const { shape } = visual;
    if (shape.length !== (readsRows ? 3 : 2) || shape.at(-1) !== inputs) {
      const expected = shapeText(readsRows ? ['batch', 'rows', inputs] : ['batch', inputs]);
      refuse(name, 'visual', expected, shapeText(shape));
    }
    const batch = shape[0]!;
    using projected = await this.#projected(visual, signal);
    if (this.#reader === undefined) return reshape(projected, [batch, length, width]);
    const { stack, constants, up } = this.#reader;
    const rows = readsRows ? shape[1]! : reader!.split!;
    using split = reshape(projected, [batch, rows, stack.width]);
    using learned = await gatherRows(constants, repeated(length, batch), [batch, length], { signal });
    using both = await concat([split, learned], 1, { signal });
    const { hidden } = await stack.run({ rows: both }, { signal });
    using read = hidden!;
    const last = await gatherRows(read, lastRows(batch, rows, length), [batch, length], { signal });
    if (up === undefined) return last;
    using unraised = last;
    return up.run(unraised, { signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const one of this.#project) one.release();
    this.#reader?.stack.release();
    this.#reader?.constants.release();
    this.#reader?.up?.release();
  }

  async #projected(visual: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    const [first, second] = this.#project;
    if (second === undefined) return first!.run(visual, { signal });
    using inner = await first!.run(visual, { activation: 'tanh', signal });
    return second.run(inner, { signal });
  }
}

/** 0 to count - 1, `times` times. */
function repeated(count: number, times: number): Int32Array {
  return Int32Array.from({ length: count * times }, (_, index) => index % count);
}

/** The last `count` of every item's `before + count` rows. */
function lastRows(batch: number, before: number, count: number): Int32Array {
  return Int32Array.from({ length: batch * count }, (_, index) => {
    return Math.floor(index / count) * (before + count) + before + (index % count);
  });
}
