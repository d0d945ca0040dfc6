/** Writes the hub's cache as Python's huggingface_hub does: a snapshot is a folder of relative links to blobs. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Makes `snapshot/path` lead to the blob. Where links cannot be made (Windows without the right), it is a copy. */
export async function linkBlob(blob: string, snapshot: string, path: string): Promise<void> {
  const pointer = join(snapshot, ...path.split('/'));
  const target = relative(dirname(pointer), blob);
  if ((await readlink(pointer).catch(() => undefined)) === target) return;
  await mkdir(dirname(pointer), { recursive: true });
  await rm(pointer, { force: true });
  try {
    await symlink(target, pointer);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'ENOTSUP' && code !== 'EEXIST') throw thrown;
    if (code !== 'EEXIST') await copyFile(blob, pointer);
  }
}

/** Lets `refs/REVISION` name a commit. In one step, so that no reader meets half a name. */
export async function writeReference(repository: string, revision: string, commit: string): Promise<void> {
  const place = join(repository, 'refs', ...revision.split('/'));
  await mkdir(dirname(place), { recursive: true });
  const draft = `${place}.${randomUUID()}`;
  await writeFile(draft, commit);
  await rename(draft, place);
}

/** Whether a file is there and whole. */
export async function hasSize(path: string, size: number): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true && facts.size === size;
}
