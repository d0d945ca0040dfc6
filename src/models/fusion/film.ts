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
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';

export interface FilmSpec {
  readonly scale: LinearSpec;
  readonly shift: LinearSpec;
}

/** Weights by CLIPSeg's names: film_mul, film_add. Throws `model/bad-weights`. */
export function film(weights: WeightReader): FilmSpec {
  const [outputs = 0, inputs = 0] = sidesOf(weights, 'film_mul.weight', 2);
  return {
    scale: linear(weights, 'film_mul', { inputs, outputs }),
    shift: linear(weights, 'film_add', { inputs, outputs }),
  };
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

  /** Rows [.., rows, width] under one condition [1, inputs]. Rejects as `Linear.run` does. */
  async run(rows: Tensor, condition: Tensor, signal?: AbortSignal): Promise<Tensor> {
    using scales = await this.#scale.run(condition, { signal });
    using shifts = await this.#shift.run(condition, { signal });
    using scale = reshape(scales, [this.width]);
    using shift = reshape(shifts, [this.width]);
    using scaled = await multiply(rows, scale, { signal });
    return add(scaled, shift, { signal });
  }
}
