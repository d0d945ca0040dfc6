/** What nodes of fusion blocks share: their parameters, how features become the engine's rows and back. */
import { WeftError } from '../errors.ts';
import type { BlockSources } from '../models/fusion/block-loader.ts';
import { Tensor } from '../native/tensor.ts';
import type { ParamSpecs } from '../protocol/param.ts';
import type { EmbeddingValue, FeaturesValue } from '../protocol/value.ts';
import type { Services } from './services.ts';

/** Where a block's weights lie. */
export const blockParams = {
  model: { kind: 'model', families: [], doc: 'A model folder whose safetensors hold the block.' },
  prefix: {
    kind: 'text',
    default: '',
    doc: "What the names of the block's weights begin with, the dot included: `encoder.layer.3.`",
  },
  precision: {
    kind: 'choice',
    options: ['fp32', 'bf16', 'int8'],
    default: 'fp32',
    advanced: true,
    doc: 'Of the weights: bf16 halves their memory, int8 quarters it and is the fastest.',
  },
} as const satisfies ParamSpecs;

export const headsParam = {
  kind: 'number',
  default: 8,
  min: 1,
  max: 1024,
  integer: true,
  doc: "Heads of the attention; they divide the width of its queries. Weights do not tell it, a model's config.json does.",
} as const;

export const epsilonParam = {
  kind: 'number',
  default: 1e-5,
  min: 0,
  max: 1,
  advanced: true,
  doc: 'Added to the variance in the norms.',
} as const;

export const activationParam = {
  kind: 'choice',
  options: ['gelu', 'gelu_tanh', 'quick_gelu', 'relu', 'silu', 'tanh', 'sigmoid', 'none'],
  default: 'gelu',
  advanced: true,
  doc: 'Of the feed-forward network; `gelu` is the exact one.',
} as const;

/** What any block may throw, for the documentation of nodes. */
export const BLOCK_ERRORS =
  '`model/not-found`, `model/missing-file`, `model/bad-weights` when a weight is missing or of another shape, `run/bad-parameter` for heads that do not divide the width, `run/bad-input` for features of another width than the weights, `native/out-of-memory`';

interface BlockPlace {
  readonly model: string;
  readonly prefix: string;
  readonly precision: 'fp32' | 'bf16' | 'int8';
}

/** The block of a node; `form` is the node's type with the parameters that decide what is built. */
export function blockOf<Block>(
  { block }: Pick<Services, 'block'>,
  { model, prefix, precision }: BlockPlace,
  form: readonly unknown[],
  build: (sources: BlockSources) => Promise<Block>,
): Promise<Block> {
  return block({ ref: model, prefix, precision, form: JSON.stringify(form) }, build);
}

/**
 * Features as rows [1, seq, dim]. Throws `run/bad-input` where the block reads rows of another width, or another number of
 * them where `count` asks for one.
 */
export function rowsOfFeatures(
  { data, seq, dim }: FeaturesValue,
  width: number,
  socket: string,
  count?: number,
): Tensor {
  if (dim !== width || seq < 1 || (count !== undefined && seq !== count)) {
    const expected = `Features [${count ?? 'seq'}, ${width}]`;
    throw new WeftError('run/bad-input', { expected, socket, received: `Features [${seq}, ${dim}]` });
  }
  return Tensor.from(data, [1, seq, dim]);
}

/** An embedding as [1, dim]. Throws `run/bad-input`. */
export function rowOfEmbedding({ data }: EmbeddingValue, width: number, socket: string): Tensor {
  if (data.length !== width) {
    const expected = `an Embedding [${width}], as the weights have it`;
    throw new WeftError('run/bad-input', { expected, socket, received: `one [${data.length}]` });
  }
  return Tensor.from(data, [1, width]);
}

/** Rows [.., seq, dim] of one item as features; lets go of the tensor. */
export function featuresOf(rows: Tensor): FeaturesValue {
  const [seq = 0, dim = 0] = rows.shape.slice(-2);
  const data = rows.toFloats();
  rows.release();
  return { kind: 'Features', data, seq, dim };
}

/** Throws `run/bad-parameter`. */
export function checkHeads(heads: number, width: number, param = 'heads'): number {
  if (width % heads === 0 && width / heads <= LARGEST_HEAD) return heads;
  const expected = `a divisor of the width ${width}, with at most ${LARGEST_HEAD} numbers a head`;
  throw new WeftError('run/bad-parameter', { param, expected, received: heads });
}

/** The engine's, as models/blocks/transformer-layer.ts has it. */
const LARGEST_HEAD = 256;
