/**
 * The perceiver resampler: any number of rows become a fixed number of learned ones. Each layer, with z the learned rows and
 * x those of the picture,
 *   z = z + W_o Attention(Q LN(z), K [LN(x); LN(z)], V [LN(x); LN(z)]),   z = z + FFN(LN(z))
 * and a norm at the end. Source: Alayrac et al., Flamingo: a Visual Language Model for Few-Shot Learning (2022).
 */
import { concat, gatherRows } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { ActivationName, NormSpec, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { hiddenOf } from './hidden-of.ts';

export interface ResamplerShape {
  /** How errors name it. */
  readonly name: string;
  readonly width: number;
  /** Learned rows. */
  readonly latents: number;
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
  /** Width of the feed-forward network's inner rows. */
  readonly inner: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
}

export interface ResamplerSpec {
  readonly name: string;
  readonly width: number;
  /** [latents, width], row-major. */
  readonly latents: Float32Array;
  readonly layers: readonly ResamplerLayerSpec[];
  readonly norm: NormSpec;
}

export interface ResamplerLayerSpec {
  readonly mediaNorm: NormSpec;
  readonly latentNorm: NormSpec;
  /** Attention to a memory of picture rows and learned ones, both normed, then the feed-forward network. */
  readonly sublayers: readonly SublayerSpec[];
}

/** Weights by open_flamingo's names: latents, layers.N.0.to_q, layers.N.1.1, norm, … Rejects with `input/bad-file`. */
export async function resampler(weights: WeightReader, shape: ResamplerShape): Promise<ResamplerSpec> {
  const { name, width, latents, layers, epsilon } = shape;
  return {
    name,
    width,
    latents: await weights.floats('latents', [latents, width]),
    layers: Array.from({ length: layers }, (_, layer) => resamplerLayer(weights.below(`layers.${layer}.`), shape)),
    norm: layerNorm(weights, 'norm', width, epsilon),
  };
}

function resamplerLayer(
  weights: WeightReader,
  { width, heads, headSize, inner, activation, epsilon }: ResamplerShape,
): ResamplerLayerSpec {
  const names = { query: '0.to_q', keyValue: { fused: '0.to_kv' }, output: '0.to_out' };
  const attention = crossAttention(weights, names, { width, heads, inner: heads * headSize, bias: false });
  const latentNorm = layerNorm(weights, '0.norm_latents', width, epsilon);
  return {
    mediaNorm: layerNorm(weights, '0.norm_media', width, epsilon),
    latentNorm,
    sublayers: [
      { before: latentNorm, crossAttention: attention },
      {
        before: layerNorm(weights, '1.0', width, epsilon),
        feedForward: {
          up: linear(weights, '1.1', { inputs: width, outputs: inner, bias: false }),
          down: linear(weights, '1.3', { inputs: inner, outputs: width, bias: false }),
          activation,
        },
      },
    ],
  };
}

interface BuiltLayer {
  readonly mediaNorm: Stack;
  readonly latentNorm: Stack;
  readonly layer: Stack;
}

export class PerceiverResampler {
  readonly width: number;
  readonly bytes: number;
  readonly #latents: Tensor;
  readonly #layers: readonly BuiltLayer[];
  readonly #norm: Stack;

  private constructor(latents: Tensor, layers: readonly BuiltLayer[], norm: Stack) {
    this.width = norm.width;
    this.#latents = latents;
    this.#layers = layers;
    this.#norm = norm;
    this.bytes = layers.reduce((sum, { layer }) => sum + layer.bytes, 0);
  }

  /** Rejects as `Stack.build` does. */
  static async build(
    { name, width, latents, layers, norm }: ResamplerSpec,
    options: BuildOptions = {},
  ): Promise<PerceiverResampler> {
    const build = (part: string, more: Partial<StackSpec>) =>
      Stack.build({ name: `${name} ${part}`, width, layers: [], ...more }, options);
    const built = await Promise.all(
      layers.map(async ({ mediaNorm, latentNorm, sublayers }, layer) => ({
        mediaNorm: await build(`norm of pictures ${layer}`, { norm: mediaNorm }),
        latentNorm: await build(`norm of latents ${layer}`, { norm: latentNorm }),
        layer: await build(`layer ${layer}`, { layers: [sublayers] }),
      })),
    );
    const rows = Tensor.from(latents, [latents.length / width, width]);
    return new PerceiverResampler(rows, built, await build('norm', { norm }));
  }

  /** Rows [batch, rows, width] to [batch, latents, width]. Rejects as `Stack.run` does. */
  async run(rows: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const batch = rows.shape[0]!;
    const count = this.#latents.shape[0]!;
    const repeated = Int32Array.from({ length: batch * count }, (_, index) => index % count);
    let latents = await gatherRows(this.#latents, repeated, [batch, count], { signal });
    for (const { mediaNorm, latentNorm, layer } of this.#layers) {
      using before = latents;
      using media = await hiddenOf(mediaNorm, rows, { signal });
      using own = await hiddenOf(latentNorm, before, { signal });
      using memory = await concat([media, own], 1, { signal });
      latents = await hiddenOf(layer, before, { memory: [{ rows: memory }], signal });
    }
    using last = latents;
    return hiddenOf(this.#norm, last, { signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#latents.release();
    this.#norm.release();
    for (const layer of this.#layers) for (const stack of Object.values(layer)) stack.release();
  }
}
