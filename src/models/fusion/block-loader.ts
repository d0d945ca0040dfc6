/**
 * Blocks that a person wires alone: part of a checkpoint, named by a prefix of its weights. Each is loaded once, and again
 * when its files changed. Knows no block.
 */
import type { Precision } from '../../native/stack-spec.ts';
import { keepLoaded } from '../keep-loaded.ts';
import type { ModelStore } from '../store.ts';
import { WeightFiles } from '../weights/weight-files.ts';
import { WeightReader } from '../weights/weight-reader.ts';

export interface BlockRequest {
  /** The model whose folder holds the safetensors. */
  readonly ref: string;
  /** What the names of the block's weights begin with; empty for all of the file. */
  readonly prefix: string;
  readonly precision: Precision;
  /** Everything else that decides what is built: the kind of block and its parameters. */
  readonly form: string;
}

export interface BlockSources {
  /** How errors name the block. */
  readonly name: string;
  /** The model's, with what lies beside the weights. */
  readonly folder: string;
  /** Reads below the prefix. What the block does not take may stand there too. */
  readonly weights: WeightReader;
  readonly precision: Precision;
}

/**
 * Rejects with `model/not-found`, `model/missing-file`, `model/bad-weights` when a weight is missing or of another shape,
 * and as `build` does.
 */
export type BlockLoader = <Block>(
  request: BlockRequest,
  build: (sources: BlockSources) => Promise<Block>,
) => Promise<Block>;

const MOST_BLOCKS = 64;

export function createBlockLoader(store: Pick<ModelStore, 'info' | 'folder'>): BlockLoader {
  const kept = keepLoaded<unknown>(MOST_BLOCKS);
  return async <Block>(request: BlockRequest, build: (sources: BlockSources) => Promise<Block>): Promise<Block> => {
    const { ref, prefix, precision } = request;
    const { hash } = await store.info(ref);
    const load = async () => buildFrom(await store.folder(ref), request, build);
    // One key is asked for by one kind of node, which builds one kind of block.
    return (await kept(JSON.stringify([ref, prefix, precision, request.form]), hash, load)) as Block;
  };
}

/** Opens the folder's weights for one block, and closes them whatever happens. Rejects as `BlockLoader` does. */
async function buildFrom<Block>(
  folder: string,
  { ref, prefix, precision }: BlockRequest,
  build: (sources: BlockSources) => Promise<Block>,
): Promise<Block> {
  const files = await WeightFiles.open(folder, { model: ref });
  try {
    const weights = new WeightReader(files).below(prefix);
    return await build({ name: prefix === '' ? ref : `${ref} ${prefix}`, folder, weights, precision });
  } finally {
    files.close();
  }
}

/** Throws `model/bad-weights` for what was missing or did not fit; other tensors of the file are no business of a block. */
export function finishBlock(weights: WeightReader): void {
  weights.finish({ ignore: [/./] });
}

/** The sides of a stored tensor, by which a block knows its sizes. Throws `model/bad-weights` when it is not there. */
export function sidesOf(weights: WeightReader, name: string | readonly string[], axes: number): readonly number[] {
  const { shape } = weights.take(name, Array<null>(axes).fill(null));
  finishBlock(weights);
  return shape;
}

/** More would be a mistake in the weights' names. */
const MOST_LAYERS = 1000;

/** How many layers there are, by a weight that each has. */
export function countLayers(weights: WeightReader, name: (layer: number) => string): number {
  let layers = 0;
  while (layers < MOST_LAYERS && weights.has(name(layers))) layers += 1;
  return layers;
}
