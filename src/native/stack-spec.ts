/**
 * What a transformer stack is made of, as families describe it and the addon builds it (native/ops/stack_layers.h).
 * Every sublayer reads the stream x of rows [batch, length, width] and adds to it, or without a residual replaces it:
 *   x = after(x + gate * columnScale * f(before(x)))
 *   x = after(gate * columnScale * f(before(x)))
 */
import type { NativeWeightFile } from './weights.ts';

/** A tensor F32, F16 or BF16 of an open file, read where it lies. */
export interface StoredWeight {
  readonly file: NativeWeightFile;
  readonly name: string;
  readonly shape: readonly number[];
  /** Only these of its first axis: where they begin, how many they are; `shape` is theirs then. */
  readonly rows?: readonly [start: number, count: number];
}

/** Numbers that are no part of a file: tests, folded norms. They are copied. */
export interface WeightData {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly name?: string;
}

export type WeightSource = StoredWeight | WeightData;

/** fp32; bf16: stored in 16 bits, computed in fp32; int8: per-output weight scales, activations quantised per row. */
export type Precision = 'fp32' | 'bf16' | 'int8';

/** The activations of published configurations; `gelu` is the exact one with erf. */
export const ACTIVATION_NAMES = ['none', 'relu', 'gelu', 'gelu_tanh', 'quick_gelu', 'silu', 'tanh', 'sigmoid'] as const;
export type ActivationName = (typeof ACTIVATION_NAMES)[number];

/** y = x W^T + b. Several weights [outputs, inputs] are stacked along their outputs; a missing bias is zeros. */
export interface LinearSpec {
  readonly weight: WeightSource | readonly WeightSource[];
  readonly bias?: WeightSource | readonly (WeightSource | undefined)[];
  /** Weights are [inputs, outputs], as GPT-2's Conv1D stores them. */
  readonly inputsFirst?: boolean;
}

export interface NormSpec {
  /** `layer` when left out; `rms` has no mean and no bias. */
  readonly kind?: 'layer' | 'rms';
  readonly weight?: WeightSource;
  readonly bias?: WeightSource;
  readonly epsilon: number;
}

interface AttentionBase {
  readonly heads: number;
  /** Heads of keys and values, which `heads` is a multiple of; the same number when left out. */
  readonly keyHeads?: number;
  /** width / heads when left out; at most 256. */
  readonly headSize?: number;
  /** 1 / sqrt(headSize) when left out. */
  readonly scale?: number;
  /** Norms over the numbers of each head, before the rotation. */
  readonly queryNorm?: NormSpec;
  readonly keyNorm?: NormSpec;
  readonly output: LinearSpec;
}

export interface SelfAttentionSpec extends AttentionBase {
  /** Queries, keys and values stacked in that order. */
  readonly qkv: LinearSpec;
  readonly causal?: boolean;
  /** Turns queries and keys by `StackSpec.rotary`. */
  readonly rotary?: boolean;
}

export interface CrossAttentionSpec extends AttentionBase {
  readonly query: LinearSpec;
  /** Keys and values stacked, from rows of the memory. */
  readonly keyValue: LinearSpec;
  /** Which of the run's memories it reads. */
  readonly memory: number;
}

/** down(activation(up(x))), or with a gate down(activation(gate(x)) * up(x)). */
export interface FeedForwardSpec {
  readonly up: LinearSpec;
  readonly gate?: LinearSpec;
  readonly down: LinearSpec;
  readonly activation: ActivationName;
}

export interface SublayerSpec {
  readonly before?: NormSpec;
  readonly after?: NormSpec;
  /** Layer scale [width]. */
  readonly columnScale?: WeightSource;
  /** One number, through tanh or sigmoid, times what is added. */
  readonly gate?: { readonly kind: 'tanh' | 'sigmoid'; readonly weight: WeightSource };
  /** false: what it gives replaces the stream instead of being added. */
  readonly residual?: boolean;
  /** Its weights are packed one precision finer than the stack's (int8: bf16, bf16: fp32): where rounding would grow. */
  readonly finer?: boolean;
  /** Exactly one of the three. */
  readonly selfAttention?: SelfAttentionSpec;
  readonly crossAttention?: CrossAttentionSpec;
  readonly feedForward?: FeedForwardSpec;
}

/** x = norm(project(scale * token) + position + segment). */
export interface TokenEmbeddingSpec {
  readonly tokens: WeightSource;
  readonly scale?: number;
  readonly positions?: WeightSource;
  /** Row of the table for position 0 (OPT, RoBERTa: 2). */
  readonly positionOffset?: number;
  readonly segments?: WeightSource;
  readonly project?: LinearSpec;
  readonly norm?: NormSpec;
}

/** Patches through a convolution whose stride is its kernel, after rows that belong to no patch. */
export interface PatchEmbeddingSpec {
  /** weight [width, channels, height, width]. */
  readonly project: { readonly weight: WeightSource; readonly bias?: WeightSource };
  /** Class and distillation tokens, each [width] in any shape, in order. */
  readonly leading?: readonly WeightSource[];
  /** [leading + grid, width] in any shape, or [grid, width] with `leadingPositions: false`. */
  readonly positions?: WeightSource;
  readonly leadingPositions?: boolean;
  /** Patches along height and width that `positions` was trained for; a picture of another size resizes them. */
  readonly grid?: readonly [number, number];
  /** How positions come to another grid: PyTorch's, without antialiasing; `bicubic` when left out. */
  readonly interpolation?: 'bilinear' | 'bicubic';
  readonly norm?: NormSpec;
}

/** activation(linear(norm(x))). */
export interface HeadStepSpec {
  readonly norm?: NormSpec;
  readonly linear?: LinearSpec;
  readonly activation?: ActivationName;
}

/** What is read off some of the last rows, in one step or several. */
export interface HeadSpec extends HeadStepSpec {
  /** `chosen`: one row per item, given to each run as `headRows`. */
  readonly rows: 'all' | 'first' | 'last' | 'chosen' | 'mean';
  /** `mean`: leading rows that do not count. */
  readonly skip?: number;
  /** Steps after the first: a classifier over a pooler. */
  readonly more?: readonly HeadStepSpec[];
}

export interface StackSpec {
  /** How errors name it. */
  readonly name: string;
  readonly width: number;
  /** At most one of the two; without, runs are given rows. */
  readonly tokens?: TokenEmbeddingSpec;
  readonly patches?: PatchEmbeddingSpec;
  /** Layers of sublayers; the stream after each layer is a hidden state. */
  readonly layers: readonly (readonly SublayerSpec[])[];
  /** Of the whole stream, after the last layer. */
  readonly norm?: NormSpec;
  readonly head?: HeadSpec;
  /** Angle of pair d at position p: p * inverseFrequencies[d]; cosine and sine are scaled. */
  readonly rotary?: { readonly inverseFrequencies: Float32Array; readonly scale?: number };
}
