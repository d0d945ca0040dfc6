/** Finds case folders: every folder at or below a directory that holds a case.json. Runs nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { WeftError } from '../../src/errors.ts';
import type { CaseFolder } from './outcome.ts';

/** In name order. @throws WeftError input/not-found, input/bad-file */
export async function findCases(directory: string): Promise<CaseFolder[]> {
  const found: CaseFolder[] = [];
  await collect(directory, directory, found);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function collect(root: string, folder: string, found: CaseFolder[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new WeftError('input/not-found', { path: folder, base: process.cwd() }, { cause });
  });
  if (entries.some((entry) => entry.name === 'case.json')) {
    found.push(await readCase(root, folder));
    return;
  }
  for (const entry of entries) {
    if (entry.isDirectory()) await collect(root, join(folder, entry.name), found);
  }
}

async function readCase(root: string, folder: string): Promise<CaseFolder> {
  const path = join(folder, 'case.json');
  const fail = (reason: string, cause?: unknown) =>
    new WeftError('input/bad-file', { expected: 'a parity case', path, reason }, { cause });
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw fail('it is not JSON', cause);
  }
  if (typeof content !== 'object' || content === null) throw fail('it is not a JSON object');
  const { family } = content as { family?: unknown };
  if (typeof family !== 'string') throw fail('it names no "family"');
  const name = relative(root, folder) || basename(folder);
  return { name, folder, family, content: content as Record<string, unknown> };
}
