/** Collections of anchors by name, in one folder of Weft's own; each opened once until it changes. */
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import { keepLoaded } from '../keep-loaded.ts';
import { AnchorChanges } from './anchor-changes.ts';
import { AnchorIndex } from './anchor-index.ts';
import { readManifest } from './anchor-manifest.ts';

export interface AnchorShelf {
  /** What the collection is now; undefined where there is none. Rejects as `open` does. */
  revision(name: string): Promise<string | undefined>;
  /** Rejects with `run/bad-parameter` for what is no name, `input/not-found`, `input/bad-file`. */
  open(name: string): Promise<AnchorIndex>;
  /** Throws `run/bad-parameter` for what is no name. */
  changes(name: string): AnchorChanges;
}

/** One folder's name on every system. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export function createAnchorShelf(folder: string): AnchorShelf {
  const kept = keepLoaded<AnchorIndex>();
  const folderOf = (name: string) => {
    if (NAME.test(name) && !name.endsWith('.')) return join(folder, name);
    const expected = 'a name of letters, digits, ".", "_" and "-"';
    throw new WeftError('run/bad-parameter', { expected, param: 'collection', received: `"${name.slice(0, 200)}"` });
  };
  return {
    revision: async (name) => (await readManifest(folderOf(name)))?.revision,
    async open(name) {
      const revision = (await readManifest(folderOf(name)))?.revision ?? '';
      return await kept(name, revision, () => AnchorIndex.open(folderOf(name), name));
    },
    changes: (name) => new AnchorChanges(folderOf(name), name),
  };
}
