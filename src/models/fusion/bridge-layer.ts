/**
 * The bridge of BridgeTower: a layer of a unimodal tower joins the cross-modal stream,
 *   z = W u + t              (u the tower's rows, t the row of its modality; without W and t, z = u)
 *   add:         LN(z + x),   scaled add:  LN(s z + x),   interpolate: LN((1 - b) z + b x)
 * Source: Xu et al., BridgeTower: Building Bridges Between Encoders in Vision-Language Representation Learning (2022).
 */
import { add } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import type { LinearSpec, NormSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';
import { hiddenOf } from './hidden-of.ts';

export type BridgeKind = 'add' | 'scaled_add' | 'interpolate';

export interface BridgeShape {
  /** How errors name it. */
  readonly name: string;
  readonly kind: BridgeKind;
  readonly epsilon: number;
}

export interface BridgeSpec {
  readonly name: string;
  readonly width: number;
  readonly norm: NormSpec;
  /** What the two are multiplied with. */
  readonly weights: { readonly unimodal: number; readonly crossed: number };
  readonly transform?: LinearSpec;
}

/**
 * Weights by the names of transformers: LayerNorm, scaled_factor, beta; and `transform`, where there is one. Rejects with
 * `model/bad-weights`, `input/bad-file`.
 */
export async function bridgeLayer(weights: WeightReader, { name, kind, epsilon }: BridgeShape): Promise<BridgeSpec> {
  const [width = 0] = sidesOf(weights, ['LayerNorm.weight', 'norm.weight'], 1);
  const one = async (stored: string) => (await weights.floats(stored, [1]))[0]!;
  const shares = { add: async () => [1, 1], scaled_add: async () => [await one('scaled_factor'), 1] } as const;
  const [unimodal = 1, crossed = 1] =
    kind === 'interpolate' ? await one('beta').then((beta) => [1 - beta, beta]) : await shares[kind]();
  const transform = weights.has('transform.weight')
    ? linear(weights, 'transform', { inputs: sidesOf(weights, 'transform.weight', 2)[1]!, outputs: width })
    : undefined;
  return {
    ...{ name, width, weights: { unimodal, crossed } },
    norm: layerNorm(weights, ['LayerNorm', 'norm'], width, epsilon),
    ...(transform === undefined ? {} : { transform }),
  };
}

export class BridgeLayer {
  readonly width: number;
  /** Width of the tower's rows. */
  readonly inputs: number;
  readonly #norm: Stack;
  readonly #transform: Linear | undefined;
  readonly #weights: BridgeSpec['weights'];

  private constructor(norm: Stack, transform: Linear | undefined, weights: BridgeSpec['weights']) {
    this.width = norm.width;
    this.inputs = transform?.inputs ?? norm.width;
    this.#norm = norm;
    this.#transform = transform;
    this.#weights = weights;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ name, width, norm, transform, weights }: BridgeSpec, options: BuildOptions = {}) {
    const built = await Stack.build({ name, width, layers: [], norm }, options);
    return new BridgeLayer(built, transform && (await Linear.build(transform, options)), weights);
  }

  /** [batch, rows, width] each. Rejects as `Stack.run` does. */
  async run(unimodal: Tensor, crossed: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const { unimodal: share, crossed: rest } = this.#weights;
    using own = this.#transform && (await this.#transform.run(unimodal, { signal }));
    using nothing = Tensor.from(new Float32Array(crossed.count), crossed.shape);
    using kept = await add(nothing, crossed, { scale: rest, signal });
    using sum = await add(kept, own ?? unimodal, { scale: share, signal });
    return hiddenOf(this.#norm, sum, { signal });
  }
}
