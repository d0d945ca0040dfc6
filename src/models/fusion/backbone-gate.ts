/**
 * Fusion in the backbone: two unimodal layers that read each other through a learned number, 0 at the start of training.
 * With x the rows of a side and y those of the other, both as they come in,
 *   s = SelfAttention(x),   c = CrossAttention(s, y),   x = x + s + alpha c,   x = x + FFN(x)
 * Norms stand where the side's own backbone has them. Without c the layers are the unimodal ones.
 * Source: Dou et al., Coarse-to-Fine Vision-Language Pre-training with Fusion in the Backbone (FIBER, 2022).
 */
import { add } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { ActivationName, NormSpec, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear, stackedLinear } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import type { Stream } from './co-attention.ts';
import { hiddenOf } from './hidden-of.ts';

export interface FusedSideShape {
  /** How errors name it. */
  readonly name: string;
  readonly width: number;
  readonly otherWidth: number;
  readonly heads: number;
  /** Width of the feed-forward network's inner rows. */
  readonly inner: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
}

export interface FusedSideSpec {
  readonly name: string;
  readonly width: number;
  /** Neither is added to its rows. */
  readonly selfAttention: SublayerSpec;
  readonly crossAttention: SublayerSpec;
  readonly alpha: number;
  /** Of the sum, before the feed-forward network. */
  readonly norm?: NormSpec;
  readonly network: SublayerSpec;
}

/** The picture's side, of a Swin block without windows: norms before each part. Rejects with `input/bad-file`. */
export async function fusedImageSide(weights: WeightReader, shape: FusedSideShape): Promise<FusedSideSpec> {
  const { name, width, otherWidth, heads, inner, activation, epsilon } = shape;
  const names = { query: 'attn.qkv_i2t', keyValue: { fused: 'attn.qkv_text_i2t' }, output: 'attn.proj_i2t' };
  return {
    ...{ name, width },
    selfAttention: {
      before: layerNorm(weights, 'norm1', width, epsilon),
      residual: false,
      selfAttention: {
        heads,
        qkv: linear(weights, 'attn.qkv', { inputs: width, outputs: 3 * width }),
        output: linear(weights, 'attn.proj', { inputs: width, outputs: width }),
      },
    },
    crossAttention: {
      before: layerNorm(weights, 'attn.norm_i2t_i', width, epsilon),
      residual: false,
      crossAttention: crossAttention(weights, names, { width, memoryWidth: otherWidth, heads }),
    },
    alpha: (await weights.floats('attn.alpha_i2t', [1]))[0]!,
    network: {
      before: layerNorm(weights, 'norm2', width, epsilon),
      feedForward: {
        up: linear(weights, 'mlp.fc1', { inputs: width, outputs: inner }),
        down: linear(weights, 'mlp.fc2', { inputs: inner, outputs: width }),
        activation,
      },
    },
  };
}

/** The text's side, of a RoBERTa layer: a norm after each sum. Rejects with `input/bad-file`. */
export async function fusedTextSide(weights: WeightReader, shape: FusedSideShape): Promise<FusedSideSpec> {
  const { name, width, otherWidth, heads, inner, activation, epsilon } = shape;
  const square = { inputs: width, outputs: width };
  const self = ['query', 'key', 'value'].map((part) => `attention.self.${part}`);
  const cross = 'crossattention_t2i';
  const names = {
    query: `${cross}.self.query`,
    keyValue: { key: `${cross}.self.key`, value: `${cross}.self.value` },
    output: `${cross}.output.dense`,
  };
  return {
    ...{ name, width },
    selfAttention: {
      residual: false,
      selfAttention: {
        heads,
        qkv: stackedLinear(weights, self, square),
        output: linear(weights, 'attention.output.dense', square),
      },
    },
    crossAttention: {
      residual: false,
      crossAttention: crossAttention(weights, names, { width, memoryWidth: otherWidth, heads }),
    },
    alpha: (await weights.floats('alpha_t2i', [1]))[0]!,
    norm: layerNorm(weights, 'attention.output.LayerNorm', width, epsilon),
    network: {
      after: layerNorm(weights, 'output.LayerNorm', width, epsilon),
      feedForward: {
        up: linear(weights, 'intermediate.dense', { inputs: width, outputs: inner }),
        down: linear(weights, 'output.dense', { inputs: inner, outputs: width }),
        activation,
      },
    },
  };
}

export interface Fused {
  readonly rows: Tensor;
  /** What cross-attention gives, before alpha; undefined where there was no other side. */
  readonly crossed: Tensor | undefined;
}

/** One side of a layer. */
export class FusedSide {
  readonly bytes: number;
  readonly #self: Stack;
  readonly #cross: Stack;
  readonly #norm: Stack | undefined;
  readonly #network: Stack;
  readonly #alpha: number;

  private constructor(self: Stack, cross: Stack, norm: Stack | undefined, network: Stack, alpha: number) {
    this.#self = self;
    this.#cross = cross;
    this.#norm = norm;
    this.#network = network;
    this.#alpha = alpha;
    this.bytes = self.bytes + cross.bytes + network.bytes;
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: FusedSideSpec, options: BuildOptions = {}): Promise<FusedSide> {
    const { name, width, norm, network, alpha } = spec;
    const stack = (part: string, more: Pick<StackSpec, 'layers' | 'norm'>) =>
      Stack.build({ name: `${name} ${part}`, width, ...more }, options);
    return new FusedSide(
      await stack('self-attention', { layers: [[spec.selfAttention]] }),
      await stack('cross-attention', { layers: [[spec.crossAttention]] }),
      norm && (await stack('norm', { layers: [], norm })),
      await stack('network', { layers: [[network]] }),
      alpha,
    );
  }

  /** Without `other` the plain unimodal layer. Rejects as `Stack.run` does. */
  async run(own: Stream, other: Stream | undefined, signal?: AbortSignal): Promise<Fused> {
    using attended = await hiddenOf(
      this.#self,
      own.rows,
      own.mask === undefined ? { signal } : { mask: own.mask, signal },
    );
    const crossed = other && (await this.#read(attended, other, signal));
    using plain = await add(own.rows, attended, { signal });
    if (crossed === undefined) return { rows: await this.#finish(plain, signal), crossed };
    using sum = await add(plain, crossed, { scale: this.#alpha, signal });
    return { rows: await this.#finish(sum, signal), crossed };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const stack of [this.#self, this.#cross, this.#norm, this.#network]) stack?.release();
  }

  async #finish(sum: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    if (this.#norm === undefined) return hiddenOf(this.#network, sum, { signal });
    using normed = await hiddenOf(this.#norm, sum, { signal });
    return hiddenOf(this.#network, normed, { signal });
  }

  #read(attended: Tensor, { rows, mask }: Stream, signal: AbortSignal | undefined): Promise<Tensor> {
    return hiddenOf(this.#cross, attended, { memory: [mask === undefined ? { rows } : { rows, mask }], signal });
  }
}
