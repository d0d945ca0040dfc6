/** What the published mappers call their weights: which parts of a checkpoint become a PrefixMapperSpec. */
import type { SublayerSpec } from '../../native/stack-spec.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { torchEncoderLayer } from '../blocks/torch-layer.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import type { PrefixMapperSpec } from './prefix-mapper.ts';

export interface MapperShape {
  /** How errors name the mapper. */
  readonly name: string;
  readonly length: number;
  readonly width: number;
  readonly visualWidth: number;
}

export interface ReaderShape {
  readonly layers: number;
  readonly heads: number;
}

/** PyTorch's own, which both papers leave alone. */
const EPSILON = 1e-5;

/** Frozen: one matrix. */
export function linearMapper(weights: WeightReader, name: string, shape: MapperShape): PrefixMapperSpec {
  const { length, width, visualWidth } = shape;
  return { ...rows(shape), project: [linear(weights, name, { inputs: visualWidth, outputs: length * width })] };
}

/** ClipCap: two matrices around half the prefix's numbers. */
export function mlpMapper(weights: WeightReader, shape: MapperShape): PrefixMapperSpec {
  const { length, width, visualWidth } = shape;
  const inner = Math.floor((length * width) / 2);
  return {
    ...rows(shape),
    project: [
      linear(weights, 'model.0', { inputs: visualWidth, outputs: inner }),
      linear(weights, 'model.2', { inputs: inner, outputs: length * width }),
    ],
  };
}

/** ClipCap: the vector becomes `split` rows beside the learned ones. Rejects with `input/bad-file`. */
export async function transformerMapper(
  weights: WeightReader,
  shape: MapperShape,
  { layers, heads, split }: ReaderShape & { readonly split: number },
): Promise<PrefixMapperSpec> {
  const { name, length, width, visualWidth } = shape;
  return {
    ...rows(shape),
    project: [linear(weights, 'linear', { inputs: visualWidth, outputs: split * width })],
    reader: {
      split,
      constants: await weights.floats('prefix_const', [length, width]),
      stack: {
        name: `${name} transformer`,
        width,
        layers: Array.from({ length: layers }, (_, layer) =>
          clipCapLayer(weights.below(`transformer.layers.${layer}.`), width, heads),
        ),
      },
    },
  };
}

/** MAPL: every visual row is read, in a width of its own. Rejects with `input/bad-file`. */
export async function maplMapper(
  weights: WeightReader,
  shape: MapperShape,
  { layers, heads, hidden }: ReaderShape & { readonly hidden: number },
): Promise<PrefixMapperSpec> {
  const { name, length, width, visualWidth } = shape;
  const layer = { width: hidden, heads, inner: 2 * hidden, activation: 'relu', epsilon: EPSILON } as const;
  return {
    ...rows(shape),
    project: [linear(weights, 'down', { inputs: visualWidth, outputs: hidden })],
    reader: {
      constants: await weights.floats('const', [length, hidden]),
      stack: {
        name: `${name} transformer`,
        width: hidden,
        layers: Array.from({ length: layers }, (_, index) =>
          torchEncoderLayer(weights.below(`transformer.layers.${index}.`), layer, { norms: 'before' }),
        ),
      },
      up: linear(weights, 'up', { inputs: hidden, outputs: width }),
    },
  };
}

function rows({ name, length, width }: MapperShape) {
  return { name, length, width };
}

/** Pre-norm, no biases of queries, keys and values, a feed-forward network of twice the width. */
function clipCapLayer(weights: WeightReader, width: number, heads: number): readonly SublayerSpec[] {
  return [
    {
      before: layerNorm(weights, 'norm1', width, EPSILON),
      selfAttention: {
        heads,
        qkv: {
          weight: [
            weights.take('attn.to_queries.weight', [width, width]),
            weights.take('attn.to_keys_values.weight', [2 * width, width]),
          ],
        },
        output: linear(weights, 'attn.project', { inputs: width, outputs: width }),
      },
    },
    {
      before: layerNorm(weights, 'norm2', width, EPSILON),
      feedForward: {
        up: linear(weights, 'mlp.fc1', { inputs: width, outputs: 2 * width }),
        down: linear(weights, 'mlp.fc2', { inputs: 2 * width, outputs: width }),
        activation: 'relu',
      },
    },
  ];
}
