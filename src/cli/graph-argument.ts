/** The GRAPH argument: a file, or the name of a graph of the gallery. Reads; meaning is checked by the runtime. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { WeftError } from '../errors.ts';
import { parseGraph } from '../graph/index.ts';
import type { GraphsApi } from '../protocol/application.ts';
import type { Graph } from '../protocol/graph-file.ts';

export interface GraphArgument {
  /** As the person typed it. */
  readonly name: string;
  /** The file; undefined for a graph of the gallery. */
  readonly path: string | undefined;
}

const GALLERY_NAME = /^[A-Za-z0-9][\w-]*$/;

export function graphArgument(argument: string, cwd: string): GraphArgument {
  return { name: argument, path: GALLERY_NAME.test(argument) ? undefined : resolve(cwd, argument) };
}

/** The folder its relative sources are looked up in. */
export function graphFolder({ path }: GraphArgument): string | undefined {
  return path === undefined ? undefined : dirname(path);
}

/** A short name for files made beside a run: `graphs/zero-shot.json` -> `zero-shot`. */
export function graphBaseName({ name }: GraphArgument): string {
  return basename(name, '.json');
}

/** Throws `input/not-found`, `input/bad-file`, `graph/not-json`, or what is wrong with its shape. */
export async function readGraph({ name, path }: GraphArgument, graphs: GraphsApi): Promise<Graph> {
  if (path === undefined) return (await graphs.read(name)).graph;
  return readGraphFile(path, name);
}

/**
 * Reads a saved graph and checks its shape; `name` is how messages call it.
 * Throws `input/not-found`, `input/bad-file`, `graph/not-json`, `graph/bad-shape` and their like.
 */
export async function readGraphFile(path: string, name = path): Promise<Graph> {
  return parseGraph(await readText(name, path), {}, name);
}

async function readText(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new WeftError('input/not-found', { path: name, base: 'the current folder' }, { cause });
    }
    const reason = code === 'EISDIR' ? 'it is a folder' : `it cannot be read (${code ?? 'unknown reason'})`;
    throw new WeftError('input/bad-file', { expected: 'a graph', path: name, reason }, { cause });
  }
}
