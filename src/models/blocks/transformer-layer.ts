/**
 * The layer that most families are made of: self-attention, in decoders attention to a memory, then a feed-forward
 * network, each with a norm before it (Xiong et al. 2020) or after it (Vaswani et al. 2017). A family gives the names of
 * its weights and its sizes.
 */
import type { ActivationName, FeedForwardSpec, SelfAttentionSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { WeightName, WeightReader } from '../weights/weight-reader.ts';
import { readActivation } from './activation-names.ts';
import type { ConfigReader } from './config-reader.ts';
import { type CrossAttentionNames, crossAttention } from './cross-attention.ts';
import { layerNorm, linear, stackedLinear } from './linear.ts';

/** What a checkpoint calls the parts of one layer, below the layer's own name. */
export interface LayerNames {
  /** Three matrices [width, width], or one that holds all three one after the other. */
  readonly attention:
    | { readonly query: WeightName; readonly key: WeightName; readonly value: WeightName }
    | { readonly fused: WeightName };
  readonly attentionOutput: WeightName;
  readonly attentionNorm: WeightName;
  readonly up: WeightName;
  readonly down: WeightName;
  readonly feedForwardNorm: WeightName;
  /** Layer scale [width] of what each half adds. */
  readonly scales?: readonly [WeightName, WeightName];
  /** Of layers that read a memory. */
  readonly cross?: CrossNames;
}

export interface CrossNames extends CrossAttentionNames {
  readonly norm: WeightName;
}

export interface LayerShape {
  readonly width: number;
  readonly heads: number;
  /** Width of the feed-forward network's inner rows. */
  readonly inner: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
}

export interface LayerKind {
  readonly norms: 'before' | 'after';
  readonly causal?: boolean;
  /** Biases of queries, keys and values, of all or of each; left out: they have some. */
  readonly queryKeyValueBias?: boolean | readonly [boolean, boolean, boolean];
  /** Biases of the other matrices; left out: they have some. */
  readonly outputBias?: boolean;
  /** Norms without weights and biases of their own; left out: they have some. */
  readonly plainNorms?: boolean;
  /** Width of the rows of the run's first memory, which the layer reads after its self-attention; left out: none. */
  readonly memoryWidth?: number;
  /** Scores are multiplied by it; 1 / sqrt(head size) when left out. */
  readonly scoreScale?: number;
  /** Matrices are stored [inputs, outputs]. */
  readonly inputsFirst?: boolean;
  /** A feed-forward network of another form, read below the layer's name. */
  readonly feedForward?: (weights: WeightReader) => FeedForwardSpec;
}

export interface EncoderShape extends LayerShape {
  readonly layers: number;
}

/** Transformers' defaults of a family's configuration class. */
export interface EncoderDefaults {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
  readonly activation: string;
  readonly epsilon: number;
}

/** The sizes under the keys that BERT's configuration introduced and most families share. */
export function readEncoderShape(config: ConfigReader, defaults: EncoderDefaults): EncoderShape {
  const width = config.count('hidden_size', defaults.width);
  return {
    width,
    layers: config.count('num_hidden_layers', defaults.layers),
    heads: readHeads(config, 'num_attention_heads', defaults.heads, width),
    inner: config.count('intermediate_size', defaults.inner),
    activation: readActivation(config, 'hidden_act', defaults.activation),
    epsilon: config.number('layer_norm_eps', defaults.epsilon),
  };
}

/** The addon's attention keeps one head's query in registers up to this size. */
const LARGEST_HEAD = 256;

export function readHeads(config: ConfigReader, key: string, absent: number, width: number): number {
  const heads = config.count(key, absent);
  if (width % heads !== 0) config.bad(key, `a divisor of the width, ${width},`, heads);
  const size = width / heads;
  if (size > LARGEST_HEAD)
    config.unsupported(key, `heads of at most ${LARGEST_HEAD} numbers`, `${size} (${heads} heads)`);
  return heads;
}

/** One layer; `weights` reads below its name. */
export function transformerLayer(
  weights: WeightReader,
  names: LayerNames,
  shape: LayerShape,
  kind: LayerKind,
): readonly SublayerSpec[] {
  const { width, inner, epsilon, activation } = shape;
  const { inputsFirst = false, outputBias: bias = true, plainNorms = false } = kind;
  const norm = (name: WeightName) => ({
    [kind.norms]: plainNorms ? { epsilon } : layerNorm(weights, name, width, epsilon),
  });
  const scale = (index: 0 | 1) =>
    names.scales === undefined ? {} : { columnScale: weights.take(names.scales[index], [width]) };
  return [
    { ...norm(names.attentionNorm), ...scale(0), selfAttention: selfAttention(weights, names, shape, kind) },
    ...crossSublayers(weights, names, shape, kind),
    {
      ...norm(names.feedForwardNorm),
      ...scale(1),
      feedForward: kind.feedForward?.(weights) ?? {
        up: linear(weights, names.up, { inputs: width, outputs: inner, bias, inputsFirst }),
        down: linear(weights, names.down, { inputs: inner, outputs: width, bias, inputsFirst }),
        activation,
      },
    },
  ];
}

/** All layers of an encoder: `prefixes` are what its layers may be called, without their number. */
export function transformerLayers(
  weights: WeightReader,
  prefixes: readonly string[],
  names: LayerNames,
  shape: EncoderShape,
  kind: LayerKind | ((layer: number) => LayerKind),
): (readonly SublayerSpec[])[] {
  return Array.from({ length: shape.layers }, (_, layer) => {
    const one = weights.below(prefixes.map((prefix) => `${prefix}${layer}.`));
    return transformerLayer(one, names, shape, typeof kind === 'function' ? kind(layer) : kind);
  });
}

function selfAttention(
  weights: WeightReader,
  names: LayerNames,
  { width, heads }: LayerShape,
  { causal = false, queryKeyValueBias = true, outputBias = true, scoreScale, inputsFirst = false }: LayerKind,
): SelfAttentionSpec {
  const bias = queryKeyValueBias;
  const parts = names.attention;
  return {
    heads,
    causal,
    ...(scoreScale === undefined ? {} : { scale: scoreScale }),
    qkv:
      'fused' in parts
        ? linear(weights, parts.fused, { inputs: width, outputs: 3 * width, bias, inputsFirst })
        : stackedLinear(weights, [parts.query, parts.key, parts.value], {
            inputs: width,
            outputs: width,
            bias,
            inputsFirst,
          }),
    output: linear(weights, names.attentionOutput, { inputs: width, outputs: width, bias: outputBias, inputsFirst }),
  };
}

function crossSublayers(
  weights: WeightReader,
  { cross }: LayerNames,
  { width, heads, epsilon }: LayerShape,
  { norms, memoryWidth, scoreScale, inputsFirst = false }: LayerKind,
): readonly SublayerSpec[] {
  if (cross === undefined || memoryWidth === undefined) return [];
  const given = { width, memoryWidth, heads, inputsFirst, ...(scoreScale === undefined ? {} : { scoreScale }) };
  return [
    { [norms]: layerNorm(weights, cross.norm, width, epsilon), crossAttention: crossAttention(weights, cross, given) },
  ];
}
