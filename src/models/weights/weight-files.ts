/**
 * The weights of a model folder: `model.safetensors`, or shards that `model.safetensors.index.json` lists. All files are
 * open at once, as one table of tensors by name. Must not know families.
 */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import { NativeWeightFile, type StoredTensor } from '../../native/weights.ts';
import { isPickle } from '../model-files.ts';
import { openIdentified } from './packed-cache.ts';
import { readShardIndex, type ShardIndex } from './shard-index.ts';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

export interface FoundTensor extends StoredTensor {
  readonly file: NativeWeightFile;
}

export interface WeightFilesOptions {
  /** How errors name the model. */
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
}

export class WeightFiles {
  readonly model: string;
  /** The file that errors name: the one of weights, or the index. */
  readonly label: string;
  readonly files: readonly NativeWeightFile[];
  readonly tensors: ReadonlyMap<string, FoundTensor>;

  private constructor(model: string, label: string, files: readonly NativeWeightFile[]) {
    this.model = model;
    this.label = label;
    this.files = files;
    const found = files.flatMap((file) =>
      [...file.tensors.values()].map((tensor) => [tensor.name, { ...tensor, file }] as const),
    );
    this.tensors = new Map(found);
  }

  /**
   * As transformers, takes the single file where there are both. Throws `model/missing-file` when there is neither, and
   * `model/bad-weights` for malformed files, missing shards, and an index that differs from what the shards hold.
   */
  static async open(folder: string, options: WeightFilesOptions): Promise<WeightFiles> {
    const { model } = options;
    if (await exists(join(folder, SINGLE_FILE))) {
      return new WeightFiles(model, SINGLE_FILE, [await openOne(folder, SINGLE_FILE, options)]);
    }
    const index = await readShardIndex(folder, INDEX_FILE, model);
    if (index === undefined) {
      const hint = await whatElse(folder);
      throw new WeftError('model/missing-file', { model, file: `${SINGLE_FILE} or ${INDEX_FILE}`, hint });
    }
    const files = await openShards(folder, index, options);
    const weights = new WeightFiles(model, INDEX_FILE, files);
    try {
      checkIndex(index, files, model);
      return weights;
    } catch (thrown) {
      weights.close();
      throw thrown;
    }
  }

  /** Lets go of the files; stacks that were built from them keep what they use. */
  close(): void {
    for (const file of this.files) file.close();
  }
}

async function openShards(folder: string, index: ShardIndex, options: WeightFilesOptions): Promise<NativeWeightFile[]> {
  const opened = await Promise.allSettled(index.shards.map((shard) => openOne(folder, shard, options)));
  const files = opened.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed === undefined) return files;
  for (const file of files) file.close();
  throw failed.reason;
}

async function openOne(folder: string, file: string, { model, signal }: WeightFilesOptions): Promise<NativeWeightFile> {
  try {
    return await openIdentified(join(folder, file), (path) => NativeWeightFile.open(path, { signal }));
  } catch (thrown) {
    if (!(thrown instanceof WeftError) || thrown.code !== 'input/bad-file') throw thrown;
    throw new WeftError('model/bad-weights', { model, file, reason: String(thrown.details.reason) }, { cause: thrown });
  }
}

/** No tensor lies in two shards, and those that the index lists lie where it says. As transformers, takes others too. */
function checkIndex(index: ShardIndex, files: readonly NativeWeightFile[], model: string): void {
  const fail = (reason: string): never => {
    throw new WeftError('model/bad-weights', { model, file: INDEX_FILE, reason });
  };
  const holders = new Map<string, string>();
  for (const [position, file] of files.entries()) {
    const shard = index.shards[position]!;
    for (const name of file.tensors.keys()) {
      const other = holders.get(name);
      if (other !== undefined) fail(`tensor "${name}" is in both ${other} and ${shard}`);
      holders.set(name, shard);
    }
  }
  for (const [name, shard] of index.placement) {
    const holder = holders.get(name);
    if (holder === shard) continue;
    const instead = holder === undefined ? 'no shard holds it' : `it is in ${holder}`;
    fail(`it places tensor "${name}" in ${shard}, but ${instead}`);
  }
}

/** What to do where there are no safetensors: most old repositories hold pickles, whose loading would execute them. */
async function whatElse(folder: string): Promise<string> {
  const pickles = (await readdir(folder).catch(() => [])).filter(isPickle).sort();
  if (pickles.length === 0) return 'Pull the model again; weights in other formats are not read.';
  const files = pickles.slice(0, 3).join(', ');
  return `${files} would execute what is in it and is never loaded: \`weft models convert\` makes safetensors of it, executing nothing.`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
