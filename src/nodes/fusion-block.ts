/** What nodes of fusion blocks share: how they come to their block, how features become the engine's rows and back. */
import { WeftError } from '../errors.ts';
import type { BlockSources } from '../models/fusion/block-loader.ts';
import { Tensor } from '../native/tensor.ts';
import type { EmbeddingValue, FeaturesValue } from '../protocol/value.ts';
import type { Services } from './services.ts';

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
