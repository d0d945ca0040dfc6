/**
 * Feature-wise linear modulation: a condition scales and shifts the columns of every row,
 *   x = (W_m c + b_m) * x + (W_a c + b_a)
 * Source: Perez et al., FiLM: Visual Reasoning with a General Conditioning Layer (2017); CLIPSeg conditions its decoder so
 * (Lüddecke & Ecker, Image Segmentation Using Text and Image Prompts, 2021).
 */
import { add, multiply, reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import type { LinearSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { linear } from '../blocks/linear.ts';
import { repeatRow } from '../blocks/rows.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';

export interface FilmSpec {
  readonly scale: LinearSpec;
  readonly shift: LinearSpec;
}

export interface FilmShape {
  /** Width of the condition. */
  readonly inputs: number;
  /** Width of the rows. */
  readonly outputs: number;
}

/** Weights by CLIPSeg's names: film_mul, film_add. Their sizes are their own where none are given. Throws `model/bad-weights`. */
export function film(weights: WeightReader, shape: FilmShape = shapeOf(weights)): FilmSpec {
  return { scale: linear(weights, 'film_mul', shape), shift: linear(weights, 'film_add', shape) };
}

function shapeOf(weights: WeightReader): FilmShape {
  const [outputs = 0, inputs = 0] = sidesOf(weights, 'film_mul.weight', 2);
  return { inputs, outputs };
}

export class Film {
  /** Width of the rows. */
  readonly width: number;
  /** Width of the condition. */
  readonly inputs: number;
  readonly #scale: Linear;
  readonly #shift: Linear;

  private constructor(scale: Linear, shift: Linear) {
    this.#scale = scale;
    this.#shift = shift;
    this.width = scale.outputs;
    this.inputs = scale.inputs;
  }

  /** Rejects as `Linear.build` does. */
  static async build({ scale, shift }: FilmSpec, options: BuildOptions = {}): Promise<Film> {
    return new Film(await Linear.build(scale, options), await Linear.build(shift, options));
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.#scale.bytes + this.#shift.bytes;
  }

  /** Rows [items, rows, width] under conditions [items, inputs], one for each item. Rejects as `Linear.run` and `multiply` do. */
  async run(rows: Tensor, conditions: Tensor, signal?: AbortSignal): Promise<Tensor> {
    using scale = await this.#forRows(this.#scale, rows, conditions, signal);
    using shift = await this.#forRows(this.#shift, rows, conditions, signal);
    using scaled = await multiply(rows, scale, { signal });
    return await add(scaled, shift, { signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#scale.release();
    this.#shift.release();
  }

  /** What a part makes of the conditions, again for every row of an item. */
  async #forRows(part: Linear, { shape }: Tensor, conditions: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const [, length = 0] = shape;
    using one = await part.run(conditions, { signal });
    using row = reshape(one, [conditions.shape[0] ?? 0, 1, this.width]);
    return await repeatRow(row, 0, length, { signal });
  }
}
