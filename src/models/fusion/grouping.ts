/**
 * Grouping: every patch joins the group that it fits best, and groups become the mean of their patches. With q the groups'
 * queries and k, v the patches' keys and values, in one head,
 *   A = one-hot over the groups of (q k^T / sqrt(width)),   g = g + W (A / (sum over the patches of A + epsilon)) v
 * The soft assignment is the softmax over the groups of the same scores.
 * Source: Xu et al., GroupViT: Semantic Segmentation Emerges from Text Supervision (2022).
 */
import { Linear } from '../../native/linear.ts';
import { argmax, softmax } from '../../native/rows.ts';
import type { LinearSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import { linear } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';

export interface GroupingSpec {
  readonly query: LinearSpec;
  readonly key: LinearSpec;
  readonly value: LinearSpec;
  readonly output: LinearSpec;
  /** Added to the number of a group's patches. */
  readonly epsilon: number;
}

export interface Grouped {
  /** [groups, width]. */
  readonly groups: Tensor;
  /** [patches, groups], over the groups in sum 1. */
  readonly soft: Tensor;
  /** The group of each patch. */
  readonly chosen: Int32Array;
}

/** Weights by GroupViT's names: q_proj, k_proj, v_proj, proj. Throws `model/bad-weights`. */
export function grouping(weights: WeightReader, epsilon: number): GroupingSpec {
  const [width = 0] = sidesOf(weights, 'q_proj.weight', 2);
  const square = (name: string) => linear(weights, name, { inputs: width, outputs: width });
  return {
    epsilon,
    ...{ query: square('q_proj'), key: square('k_proj'), value: square('v_proj'), output: square('proj') },
  };
}

export class Grouping {
  readonly width: number;
  readonly #parts: Readonly<Record<'query' | 'key' | 'value' | 'output', Linear>>;
  readonly #epsilon: number;

  private constructor(parts: Readonly<Record<'query' | 'key' | 'value' | 'output', Linear>>, epsilon: number) {
    this.#parts = parts;
    this.#epsilon = epsilon;
    this.width = parts.query.inputs;
  }

  /** Rejects as `Linear.build` does. */
  static async build({ epsilon, ...specs }: GroupingSpec, options: BuildOptions = {}): Promise<Grouping> {
    const parts = {
      query: await Linear.build(specs.query, options),
      key: await Linear.build(specs.key, options),
      value: await Linear.build(specs.value, options),
      output: await Linear.build(specs.output, options),
    };
    return new Grouping(parts, epsilon);
  }

  /** groups [groups, width] and patches [patches, width] of one picture. Rejects as `Linear.run` does. */
  async run(groups: Tensor, patches: Tensor, signal?: AbortSignal): Promise<Grouped> {
    const { query, key, value, output } = this.#parts;
    using asking = await query.run(groups, { signal });
    using keys = await key.run(patches, { signal });
    using values = await value.run(patches, { signal });
    using scores = await scoresOf(keys, asking, signal);
    const chosen = await argmax(scores, { signal });
    using means = meansOf(values, chosen, groups.shape[0]!, this.#epsilon);
    return {
      groups: await output.run(means, { residual: groups, signal }),
      soft: await softmax(scores, { signal }),
      chosen,
    };
  }
}

/** keys · queries / sqrt(width): [patches, groups]. One head of the whole width is more than the engine's attention takes. */
async function scoresOf(keys: Tensor, queries: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
  const scale = 1 / Math.sqrt(queries.shape.at(-1)!);
  const scaled = queries.toFloats().map((number) => number * scale);
  using product = await Linear.build({ weight: { data: scaled, shape: queries.shape } }, { signal });
  return product.run(keys, { signal });
}

/** The mean of each group's rows, its count a little more than it is. */
function meansOf(values: Tensor, chosen: Int32Array, groups: number, epsilon: number): Tensor {
  const width = values.shape.at(-1)!;
  const rows = values.toFloats();
  const sums = new Float32Array(groups * width);
  const counts = new Float32Array(groups);
  for (const [patch, group] of chosen.entries()) {
    counts[group]! += 1;
    for (let column = 0; column < width; column += 1) sums[group * width + column]! += rows[patch * width + column]!;
  }
  const means = sums.map((sum, index) => sum / (counts[Math.floor(index / width)]! + epsilon));
  return Tensor.from(means, [groups, width]);
}
