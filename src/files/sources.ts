/**
 * What a source parameter names, as a lazy list: one file, a folder, a glob, a data URL or an upload.
 * Must not decode anything: an item is a key, a content hash and a way to its bytes.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { WeftError } from '../errors.ts';
import { hasPictureExtension } from '../protocol/picture-format.ts';
import { isDataUrl, parseDataUrl } from './data-url.ts';
import { compileGlob, MAX_ALTERNATIVES } from './glob.ts';
import { naturalOrder } from './natural-order.ts';
import type { FileReader } from './reading.ts';
import { printablePath, type Roots } from './roots.ts';
import { isUploadRef, type Uploads } from './uploads.ts';

/** One file. `hash` is SHA-256 of the content, hex; `read` throws when the file changed since. */
export interface SourceFile {
  /** Names the item in results: the file name, or its path below the folder that was searched. */
  readonly key: string;
  readonly hash: string;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that cannot be read is an error in its place; its siblings go on. */
export type SourceItem = SourceFile | { readonly key: string; readonly error: WeftError };

export interface SourceOptions {
  /** `image`: a folder gives its pictures only, by extension. */
  readonly accept: 'image' | 'file';
  readonly signal?: AbortSignal;
}

export interface SourceEnvironment {
  readonly roots: Roots;
  readonly reader: FileReader;
  readonly uploads: Uploads;
  readonly maxDataUrlBytes: number;
}

const MAX_PATTERN = 1024;

/** Throws input/not-found, input/outside-roots, input/empty and input/bad-data-url for the source as a whole. */
export async function* expandSource(
  source: string,
  options: SourceOptions,
  environment: SourceEnvironment,
): AsyncGenerator<SourceItem> {
  const { roots, reader, uploads } = environment;
  if (isDataUrl(source)) {
    yield inlineFile(source, environment.maxDataUrlBytes);
    return;
  }
  if (isUploadRef(source)) {
    const upload = await uploads.find(source);
    yield await sourceFile(upload.path, upload.name, reader);
    return;
  }
  const found = await locateLiteral(source, roots);
  if (found === undefined) {
    yield* expandGlob(source, options, environment);
    return;
  }
  if (!(await stat(found)).isDirectory()) {
    yield await sourceFile(found, basename(source), reader);
    return;
  }
  const wanted = options.accept === 'image' ? hasPictureExtension : () => true;
  yield* select(found, 1, wanted, source, options, environment);
}

/** Undefined when there is no such file, but the name may be meant as a pattern. */
async function locateLiteral(source: string, roots: Roots): Promise<string | undefined> {
  try {
    return await roots.locate(source === '' ? '.' : source);
  } catch (error) {
    if (error instanceof WeftError && error.code === 'input/not-found' && isPattern(source)) return undefined;
    throw error;
  }
}

function isPattern(source: string): boolean {
  return /[*?[{]/.test(source);
}

async function* expandGlob(
  source: string,
  options: SourceOptions,
  environment: SourceEnvironment,
): AsyncGenerator<SourceItem> {
  if (source.length > MAX_PATTERN) {
    const limit = `${MAX_PATTERN} characters`;
    throw new WeftError('input/too-large', { limit, what: 'a file pattern', received: `${source.length} characters` });
  }
  const parts = source.split(sep === '\\' ? /[\\/]/ : '/');
  const first = parts.findIndex(isPattern);
  const fixed = parts.slice(0, first).join('/');
  const folder = await environment.roots.locate(fixed === '' ? (first > 0 ? '/' : '.') : fixed);
  const pattern = parts.slice(first).join('/');
  const matches = compileGlob(pattern);
  if (matches === undefined) {
    const limit = `${MAX_ALTERNATIVES} alternatives`;
    throw new WeftError('input/too-large', { limit, what: 'the braces of a file pattern', received: 'more' });
  }
  const onlyPictures = options.accept === 'image' && pattern.endsWith('*');
  const depth = pattern.includes('**') ? Number.POSITIVE_INFINITY : parts.length - first;
  const wanted = (name: string) => matches(name) && (!onlyPictures || hasPictureExtension(name));
  yield* select(folder, depth, wanted, source, options, environment);
}

async function* select(
  folder: string,
  depth: number,
  wanted: (name: string) => boolean,
  source: string,
  { accept, signal }: SourceOptions,
  { roots, reader }: SourceEnvironment,
): AsyncGenerator<SourceItem> {
  let empty = true;
  for await (const { name, isLink } of walk(folder, '', depth)) {
    if (signal?.aborted) throw new WeftError('run/cancelled', { reason: '' });
    if (!wanted(name)) continue;
    const item = isLink
      ? await linkedFile(join(folder, name), name, roots, reader)
      : await sourceFile(join(folder, name), name, reader);
    if (item === undefined) continue;
    empty = false;
    yield item;
  }
  if (empty) {
    throw new WeftError('input/empty', {
      what: accept === 'image' ? 'pictures' : 'files',
      path: printablePath(source),
    });
  }
}

/** Files below a folder in natural order, depth first; names with forward slashes. Hidden ones are left out. */
async function* walk(
  folder: string,
  below: string,
  depth: number,
): AsyncGenerator<{ readonly name: string; readonly isLink: boolean }> {
  let entries: Awaited<ReturnType<typeof listFolder>>;
  try {
    entries = await listFolder(join(folder, below));
  } catch {
    // A folder that may not be listed, or is gone by now, has nothing to give.
    return;
  }
  for (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (depth > 1) yield* walk(folder, name, depth - 1);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      yield { name, isLink: entry.isSymbolicLink() };
    }
  }
}

async function listFolder(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => naturalOrder(a.name, b.name));
}

/** Links to folders are not followed: they could lead round in circles. */
async function linkedFile(
  path: string,
  key: string,
  roots: Roots,
  reader: FileReader,
): Promise<SourceItem | undefined> {
  try {
    const real = await roots.locate(path);
    return (await stat(real)).isDirectory() ? undefined : await sourceFile(real, key, reader);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    return { key, error: new WeftError(error.code, { ...error.details, path: key }) };
  }
}

async function sourceFile(path: string, key: string, reader: FileReader): Promise<SourceItem> {
  try {
    const { hash, state } = await reader.hash(path, key);
    return { key, hash, read: () => reader.read(path, key, state) };
  } catch (error) {
    if (error instanceof WeftError) return { key, error };
    throw error;
  }
}

function inlineFile(url: string, limit: number): SourceFile {
  const { mime, bytes } = parseDataUrl(url, limit);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const extension = /^image\/([a-z]+)/.exec(mime)?.[1]?.replace('jpeg', 'jpg') ?? 'bin';
  return { key: `inline-${hash.slice(0, 8)}.${extension}`, hash, read: async () => bytes.slice() };
}
