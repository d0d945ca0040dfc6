/** Prefix mappers whose sizes are those of their weights: what a node knows that has no configuration. */
import { WeftError } from '../../errors.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { countLayers, sidesOf } from './block-loader.ts';
import type { PrefixMapperSpec } from './prefix-mapper.ts';
import { maplMapper, mlpMapper, transformerMapper } from './prefix-mapper-weights.ts';

export const MAPPERS = ['clipcap-mlp', 'clipcap-transformer', 'frozen', 'mapl'] as const;
export type MapperKind = (typeof MAPPERS)[number];

export interface MeasuredOptions {
  /** How errors name it. */
  readonly name: string;
  readonly kind: MapperKind;
  /** Rows of the prefix, which a matrix alone does not tell. */
  readonly length: number;
  /** Of the mappers that are transformers. */
  readonly heads: number;
}

/** Rejects with `model/bad-weights`, `run/bad-parameter` when the rows cannot be told apart, `input/bad-file`. */
export async function measuredMapper(
  weights: WeightReader,
  { name, kind, length, heads }: MeasuredOptions,
): Promise<PrefixMapperSpec> {
  switch (kind) {
    case 'clipcap-mlp': {
      const [outputs = 0] = sidesOf(weights, 'model.2.weight', 2);
      const [, visualWidth = 0] = sidesOf(weights, 'model.0.weight', 2);
      return mlpMapper(weights, { name, length, width: share(outputs, length), visualWidth });
    }
    case 'clipcap-transformer': {
      const [rows = 0, width = 0] = sidesOf(weights, 'prefix_const', 2);
      const [outputs = 0, visualWidth = 0] = sidesOf(weights, 'linear.weight', 2);
      const layers = countLayers(weights, (layer) => `transformer.layers.${layer}.norm1.weight`);
      const shape = { name, length: rows, width, visualWidth };
      return transformerMapper(weights, shape, { layers, heads, split: outputs / width });
    }
    case 'frozen': {
      const [outputs = 0, inputs = 0] = sidesOf(weights, 'weight', 2);
      const matrix = { weight: weights.take('weight', [outputs, inputs]), bias: weights.take('bias', [outputs]) };
      return { name, length, width: share(outputs, length), project: [matrix] };
    }
    case 'mapl': {
      const [rows = 0, hidden = 0] = sidesOf(weights, 'const', 2);
      const [, visualWidth = 0] = sidesOf(weights, 'down.weight', 2);
      const [width = 0] = sidesOf(weights, 'up.weight', 2);
      const layers = countLayers(weights, (layer) => `transformer.layers.${layer}.norm1.weight`);
      return maplMapper(weights, { name, length: rows, width, visualWidth }, { layers, heads, hidden });
    }
  }
}

function share(outputs: number, length: number): number {
  if (outputs % length === 0) return outputs / length;
  const expected = `a divisor of the ${outputs} numbers that the mapper gives`;
  throw new WeftError('run/bad-parameter', { param: 'length', expected, received: length });
}
