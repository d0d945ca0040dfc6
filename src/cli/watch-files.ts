/**
 * Waits for a change of files or folders. A file is watched through its folder, because editors replace files
 * by renaming, which ends a watch on the file itself.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Saving takes several steps; this long without another change counts as done. Milliseconds. */
const QUIET = 150;

export interface FileWatch {
  /** Resolves after the next change (one that came since the watch began counts), or when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

export function watchFiles(paths: readonly string[], quiet = QUIET): FileWatch {
  let dirty = false;
  let notify = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const onChange = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      dirty = true;
      notify();
    }, quiet);
  };
  const watchers = [...groupByFolder(paths)].flatMap(([folder, names]) => watchFolder(folder, names, onChange));
  return {
    changed: (signal) =>
      new Promise<void>((resolve) => {
        notify = resolve;
        if (dirty || signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Folder -> the names in it that matter, or undefined for all of them. */
function groupByFolder(paths: readonly string[]): Map<string, Set<string> | undefined> {
  const folders = new Map<string, Set<string> | undefined>();
  for (const path of paths) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      folders.set(path, undefined);
      continue;
    }
    const folder = dirname(path);
    const known = folders.get(folder);
    if (folders.has(folder) && known === undefined) continue;
    folders.set(folder, (known ?? new Set()).add(basename(path)));
  }
  return folders;
}

function watchFolder(folder: string, names: Set<string> | undefined, onChange: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, (_event, name) => {
      if (name === null || names === undefined || names.has(name)) onChange();
    });
    // A folder that is deleted has changed; the next run tells what is missing.
    watcher.on('error', onChange);
    return [watcher];
  } catch {
    return [];
  }
}
