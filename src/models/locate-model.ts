/** From a model reference to the folder its files lie in. Opens no file; what is missing is told with what is near. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WeftError } from '../errors.ts';
import { suggestion } from '../graph/suggest.ts';
import type { ModelInfo } from '../protocol/model-info.ts';
import { snapshotFolder } from './hub-cache.ts';
import { isOnnx } from './model-files.ts';
import { parseReference } from './reference.ts';

export interface ModelPlaces {
  readonly zooFolder: string;
  readonly hubFolder: string;
  readonly locate: (path: string) => Promise<string>;
}

export interface Located {
  readonly ref: string;
  readonly source: ModelInfo['source'];
  readonly folder: string;
  /** Set when the reference is one ONNX file. */
  readonly file?: string;
}

/**
 * Throws `model/not-found` with the nearest of `known`, and for a path `input/not-found` or `input/outside-roots`.
 */
export async function locateModel(
  ref: string,
  { zooFolder, hubFolder, locate }: ModelPlaces,
  known: () => Promise<readonly string[]>,
): Promise<Located> {
  const reference = parseReference(ref);
  switch (reference.kind) {
    case 'zoo': {
      const folder = join(zooFolder, reference.name);
      if ((await stat(folder).catch(() => undefined))?.isDirectory()) return { ref, source: 'zoo', folder };
      throw await notFound(ref, known);
    }
    case 'hub': {
      const folder = await snapshotFolder(hubFolder, reference.repo, reference.revision);
      if (folder !== undefined) return { ref, source: 'hub', folder };
      // The same text may be a relative folder; when it is not, a missing model is the likelier meaning.
      const local = await fromPath(ref, locate).catch(undefinedForInputErrors);
      if (local !== undefined) return local;
      throw await notFound(ref, known);
    }
    case 'path':
      return await fromPath(ref, locate);
  }
}

async function fromPath(ref: string, locate: ModelPlaces['locate']): Promise<Located> {
  const real = await locate(ref);
  if ((await stat(real)).isDirectory()) return { ref, source: 'folder', folder: real };
  if (!isOnnx(ref)) {
    throw new WeftError('model/unsupported', {
      model: ref,
      expected: 'a folder or an .onnx file',
      received: 'another file',
    });
  }
  // External data is found beside the name that was given, not beside what a link leads to. But a folder of that name
  // may be found earlier than the file, where relative paths are looked up in several places.
  const folder = await locate(dirname(ref));
  const isThere = (await realpath(join(folder, basename(ref))).catch(() => undefined)) === real;
  const place = isThere ? join(folder, basename(ref)) : real;
  return { ref, source: 'folder', folder: dirname(place), file: basename(place) };
}

async function notFound(ref: string, known: () => Promise<readonly string[]>): Promise<WeftError> {
  return new WeftError('model/not-found', { model: ref, suggestion: suggestion(ref, await known()) });
}

function undefinedForInputErrors(thrown: unknown): undefined {
  if (thrown instanceof WeftError && thrown.code.startsWith('input/')) return undefined;
  throw thrown;
}
