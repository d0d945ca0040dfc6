/**
 * Keeps packed weights beside what else Weft can make again, under the SHA-256 of the weight files: the same checkpoint
 * finds them wherever it lies. One per process, as the addon's cache is; the last choice counts.
 */
import { join } from 'node:path';
import { setPackedFolder } from '../../native/packed-weights.ts';
import type { NativeWeightFile } from '../../native/weights.ts';
import { HashCache } from '../hash/hash-cache.ts';

export interface PackedCacheOptions {
  /** Weft's own cache; packed weights lie in `packed` there. */
  readonly cacheFolder: string;
  /** 0 keeps none. */
  readonly mostBytes?: number;
}

/** Some dozens of models of the size of CLIP. */
const MOST_BYTES = 16 * 2 ** 30;

let chosen: PackedCacheOptions | undefined;
let isChosen = false;
/** Of the choice that the addon knows; it is loaded only when weights are. */
let hashes: HashCache | undefined;

/** From now on stacks are built from the cache where it has them, and what they pack is kept. */
export function usePackedCache(options: PackedCacheOptions): void {
  chosen = options;
  isChosen = true;
}

/** As `usePackedCache`, where nothing was chosen in this process so far. */
export function usePackedCacheByDefault(options: PackedCacheOptions): void {
  if (!isChosen) usePackedCache(options);
}

/** Opens a weight file with `open`; its packed weights are then looked for in the cache, where one was chosen. */
export async function openIdentified(
  path: string,
  open: (path: string) => Promise<NativeWeightFile>,
): Promise<NativeWeightFile> {
  if (chosen !== undefined) apply(chosen);
  const before = await hashOf(path);
  const file = await open(path);
  // Equal before and after: the file that was opened is the one that was read.
  if (before !== undefined && before === (await hashOf(path))) file.identify(before);
  return file;
}

function apply({ cacheFolder, mostBytes = MOST_BYTES }: PackedCacheOptions): void {
  setPackedFolder(join(cacheFolder, 'packed'), mostBytes);
  hashes = mostBytes === 0 ? undefined : new HashCache(cacheFolder);
  chosen = undefined;
}

async function hashOf(path: string): Promise<string | undefined> {
  // What is wrong with it is told by opening it.
  const found = await hashes?.hash([path]).catch(() => undefined);
  return found?.[0]?.hash;
}
