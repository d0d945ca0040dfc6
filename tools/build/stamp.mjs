/**
 * Decides whether a build step has anything to do: hashes its inputs and compares with the last successful run.
 * Must not run tools; it only reads inputs and keeps one small JSON file per step.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Every file below `folder` whose name passes `keep`, sorted; a missing folder is empty. */
export function listFiles(folder, keep = () => true) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const files = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') files.push(...listFiles(path, keep));
    } else if (keep(entry.name)) {
      files.push(path);
    }
  }
  return files.sort();
}

/** SHA-256 over the names and contents of `files` and over `facts` (versions, flags: anything JSON). */
export function hashInputs(root, files, facts) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** What `writeStamp` last stored at `path`; an unreadable stamp counts as none. */
export function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(value));
  renameSync(temporary, path);
}
