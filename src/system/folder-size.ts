/** How much a cache folder holds. Links are not followed: the hub's snapshots are links to blobs that count once. */
import { constants, type Dirent } from 'node:fs';
import { access, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheReport } from '../protocol/system-report.ts';

/** Stops after `patience` milliseconds with what was counted until then. */
export async function measureFolder(name: CacheReport['name'], folder: string, patience = 1000): Promise<CacheReport> {
  const end = performance.now() + patience;
  const exists = await access(folder, constants.R_OK).then(
    () => true,
    () => false,
  );
  let [files, bytes] = [0, 0];
  const waiting = exists ? [folder] : [];
  do {
    const place = waiting.pop();
    if (place === undefined) break;
    const entries = await readdir(place, { withFileTypes: true }).catch((): Dirent[] => []);
    const sizes = await Promise.all(
      entries.filter((entry) => entry.isFile()).map(({ name }) => size(join(place, name))),
    );
    for (const length of sizes) {
      files += 1;
      bytes += length;
    }
    waiting.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => join(place, entry.name)));
  } while (performance.now() < end);
  return { name, folder, exists, files, bytes, complete: waiting.length === 0 };
}

/** A file that is gone by now has none. */
async function size(path: string): Promise<number> {
  return (await lstat(path).catch(() => undefined))?.size ?? 0;
}
