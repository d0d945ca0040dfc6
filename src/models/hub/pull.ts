/**
 * Downloads a model repository into the cache that Python's huggingface_hub shares.
 *
 * @huggingface/hub answers what a repository holds. Its own `snapshotDownload` is not used for the files: it takes
 * every file, pickles included, starts a cut download from the beginning, checks no checksum, tries nothing again,
 * names the new commit before its files are there, and prints.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toWeftError, WeftError } from '../../errors.ts';
import type { PullProgress } from '../../protocol/application.ts';
import { COMMIT, repositoryFolder } from '../hub-cache.ts';
import { isRepository, isRevision } from '../reference.ts';
import { findConversion } from './conversion.ts';
import { downloadBlob } from './download-blob.ts';
import type { HubRequest } from './hub-request.ts';
import { type HubSettings, isOffline, readHubSettings } from './hub-settings.ts';
import { type RepositoryFile, readRepository } from './repository.ts';
import type { RetryOptions } from './retry.ts';
import { hasOnlyPickles, selectFiles } from './select-files.ts';
import { hasSize, linkBlob, writeReference } from './snapshot.ts';

export interface PullOptions {
  /** Branch, tag or commit; `main` when left out. */
  readonly revision?: string;
  /** Patterns of files to take instead of those Weft reads: `onnx/*`, `*.json`. */
  readonly files?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
  /** The cache's folder; HF_HUB_CACHE or HF_HOME decide when left out. */
  readonly hubFolder?: string;
  readonly attempts?: number;
  readonly retryDelayMilliseconds?: number;
  readonly idleMilliseconds?: number;
}

export interface Pulled {
  /** The snapshot's folder. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** The branch of the hub's converter that the safetensors are of, where the revision itself has none. */
  readonly conversion?: string;
}

/**
 * Files already here are kept; a cut download goes on where it stopped, also in a later call.
 * Throws `usage/bad-argument`, `model/no-access`, `model/download-failed`, `model/checksum`, `model/unsupported`,
 * `model/missing-file`, `input/not-writable`, `run/cancelled`.
 */
export async function pullModel(reference: string, options: PullOptions = {}): Promise<Pulled> {
  const { repo, revision } = parseRequest(reference, options.revision);
  const found = await readHubSettings();
  const settings = { ...found, cacheFolder: options.hubFolder ?? found.cacheFolder };
  if (isOffline()) {
    const reason = 'HF_HUB_OFFLINE forbids downloads';
    throw new WeftError('model/download-failed', { model: repo, file: 'the list of files', reason });
  }
  try {
    return await pull(repo, revision, settings, options);
  } catch (thrown) {
    if (options.signal?.aborted) throw new WeftError('run/cancelled', { reason: '' }, { cause: thrown });
    throw unwritable(thrown, settings.cacheFolder) ?? toWeftError(thrown);
  }
}

async function pull(repo: string, revision: string, settings: HubSettings, options: PullOptions): Promise<Pulled> {
  const { attempts = 6, retryDelayMilliseconds = 500, idleMilliseconds = 60_000, signal } = options;
  const request: HubRequest = { endpoint: settings.endpoint, token: settings.token, signal, idleMilliseconds };
  const retries: RetryOptions = { attempts, delayMilliseconds: retryDelayMilliseconds, signal };
  const contents = await readRepository(repo, revision, request, retries);
  const conversion = hasOnlyPickles(contents.files, options.files)
    ? await findConversion(repo, contents, request, retries)
    : undefined;
  // The converted weights lie beside the files of the revision that was asked for, as if they were its own.
  const files = selectFiles([...contents.files, ...(conversion?.files ?? [])], options.files, repo);

  const repository = repositoryFolder(settings.cacheFolder, repo);
  const snapshot = join(repository, 'snapshots', contents.commit);
  await mkdir(join(repository, 'blobs'), { recursive: true });
  await mkdir(snapshot, { recursive: true });
  const report = progressOf(files, options.onProgress);
  for (const [index, file] of files.entries()) {
    const place = join(repository, 'blobs', file.blob);
    const onBytes = (done: number): void => report(index, done);
    const url = `${settings.endpoint}/${repo}/resolve/${file.commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
    if (await hasSize(place, file.size)) onBytes(file.size);
    else await downloadBlob({ repo, revision, file, url, place, request, retries, onBytes });
    await linkBlob(place, snapshot, file.path);
  }
  // Last: until every file is there, the reference goes on naming the commit that was whole.
  if (!COMMIT.test(revision)) await writeReference(repository, revision, contents.commit);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const from = conversion === undefined ? {} : { conversion: conversion.revision };
  return { folder: snapshot, files: files.length, bytes, ...from };
}

function parseRequest(reference: string, revision: string | undefined): { repo: string; revision: string } {
  const [repo = '', inside] = reference.split('@', 2);
  const chosen = revision ?? inside ?? 'main';
  if (isRepository(repo) && isRevision(chosen) && !repo.startsWith('zoo/')) return { repo, revision: chosen };
  const expected = 'a repository of the hub (OWNER/NAME, OWNER/NAME@REVISION)';
  throw new WeftError('usage/bad-argument', { expected, received: `"${reference}"`, command: 'models pull' });
}

function progressOf(
  files: readonly RepositoryFile[],
  onProgress: PullOptions['onProgress'],
): (index: number, done: number) => void {
  const bytesTotal = files.reduce((sum, { size }) => sum + size, 0);
  const before = files.map((_, index) => files.slice(0, index).reduce((sum, { size }) => sum + size, 0));
  return (index, done) => {
    const file = files[index]!.path;
    onProgress?.({ file, fileIndex: index, fileCount: files.length, bytesDone: before[index]! + done, bytesTotal });
  };
}

/** A failing file system is about the cache's folder, whatever the model. */
function unwritable(thrown: unknown, folder: string): WeftError | undefined {
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof syscall !== 'string') return undefined;
  return new WeftError('input/not-writable', { path: folder, reason: `the system says ${code}` }, { cause: thrown });
}
