/** The tree as the rules see it: tracked and new files with their text. Reads only. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export const repositoryRoot = join(import.meta.dirname, '../..');

/** Files git tracks or would track, that match; binary folders are left to the caller's pattern. */
export function readSources(pattern: RegExp): SourceFile[] {
  return listFiles(pattern).map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }));
}

export function listFiles(pattern: RegExp): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
    .split('\0')
    .filter((path) => pattern.test(path) && existsSync(join(repositoryRoot, path)));
}
