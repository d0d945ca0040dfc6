/** Reads model.safetensors.index.json: which tensor lies in which shard. Opens no shard. */
import { WeftError } from '../../errors.ts';
import { isObject, readJson } from '../read-json.ts';

export interface ShardIndex {
  /** File names in the model's folder, each once, sorted. */
  readonly shards: readonly string[];
  /** Tensor name -> file name. */
  readonly placement: ReadonlyMap<string, string>;
}

/** Far more than any published checkpoint has. */
const MOST_SHARDS = 10_000;
/** A plain name in the folder: no separators, no `..`, nothing hidden. */
const SHARD_NAME = /^[A-Za-z0-9_][\w.-]*\.safetensors$/;

/** Undefined when there is no such file. Throws `model/bad-config`, `model/bad-weights`. */
export async function readShardIndex(folder: string, file: string, model: string): Promise<ShardIndex | undefined> {
  const content = await readJson(folder, file, model);
  if (content === undefined) return undefined;
  const fail = (reason: string): never => {
    throw new WeftError('model/bad-weights', { model, file, reason });
  };
  const map = content.weight_map;
  if (!isObject(map) || Object.keys(map).length === 0) return fail('it has no "weight_map" of tensors');
  const placement = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== 'string' || !SHARD_NAME.test(shard)) {
      const received = JSON.stringify(shard).slice(0, 100);
      return fail(`it places tensor "${name}" in ${received}, which is no file name of a shard in the same folder`);
    }
    placement.set(name, shard);
  }
  const shards = [...new Set(placement.values())].sort();
  if (shards.length > MOST_SHARDS) return fail(`it names ${shards.length} shards, more than ${MOST_SHARDS}`);
  return { shards, placement };
}
