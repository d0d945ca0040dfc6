/**
 * The addon's cache of packed weights on disk. One per process, as the addon is: stacks are built from what lies there,
 * and what they had to pack is stored there. Must not know models.
 */
import { type NativeOperation, nativeAddon } from './loader.ts';

/**
 * Keeps packed weights of identified files (NativeWeightFile.identify) in `folder`, which belongs to the cache alone;
 * what was unused longest goes first. `mostBytes` 0 ends that. Throws `native/failed` for a size that is none.
 */
export function setPackedFolder(folder: string, mostBytes: number): void {
  nativeAddon().setPackedCache(folder, mostBytes);
}

let storing: Promise<unknown> = Promise.resolve();

/**
 * Writes what was packed since, on a thread of the addon. Resolves when that and everything before is on disk, or could
 * not be written: then it is packed again next time.
 */
export async function storePacked(): Promise<void> {
  const operation: NativeOperation = nativeAddon().storePacked();
  // Only the end of the process cancels it.
  storing = Promise.all([storing, operation.promise.catch(() => undefined)]);
  await storing;
}
