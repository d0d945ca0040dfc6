/**
 * One file of the hub into the cache: continues where an earlier try stopped, and is kept only with the right checksum.
 * Knows nothing of snapshots.
 */
import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { WeftError } from '../../errors.ts';
import { hashFiles } from '../hash/hash-files.ts';
import { withFileLock } from './file-lock.ts';
import { type HubRequest, send, TransientError, transient } from './hub-request.ts';
import { type RepositoryFile, refusalOf } from './repository.ts';
import { type RetryOptions, retry } from './retry.ts';

export interface BlobDownload {
  readonly repo: string;
  readonly revision: string;
  readonly file: RepositoryFile;
  readonly url: string;
  /** Where the finished file goes; beside it lies `….incomplete` while it is under way, as Python names it. */
  readonly place: string;
  readonly request: HubRequest;
  readonly retries: RetryOptions;
  readonly onBytes: (done: number) => void;
}

/** Below this, hashing takes less than starting a thread and does not hold up the event loop. */
const INLINE_BYTES = 1024 * 1024;

/** Throws `model/checksum`, `model/download-failed`, `model/no-access`, or the signal's reason. */
export async function downloadBlob(download: BlobDownload): Promise<void> {
  const { place, file, request, onBytes } = download;
  await withFileLock(`${place}.lock`, request.signal, async () => {
    if ((await sizeOf(place)) === file.size) {
      onBytes(file.size);
      return;
    }
    const partial = `${place}.incomplete`;
    const continued = await sizeOf(partial);
    if (continued > file.size) await rm(partial);
    await fetchAll(download, partial);
    let hash = await hashOf(partial, file, request.signal);
    if (hash !== file.blob && continued > 0) {
      // What an earlier process left may have been damaged; the hub gets one chance to send it whole.
      await rm(partial);
      await fetchAll(download, partial);
      hash = await hashOf(partial, file, request.signal);
    }
    if (hash !== file.blob) {
      await rm(partial);
      const details = { model: download.repo, file: file.path, expected: file.blob, received: hash };
      throw new WeftError('model/checksum', details);
    }
    await rename(partial, place);
  });
}

async function fetchAll(download: BlobDownload, partial: string): Promise<void> {
  const { repo, file, request, retries, onBytes } = download;
  let done = await sizeOf(partial);
  onBytes(done);
  const attempt = async (): Promise<void> => {
    for await (const position of receive(download, partial)) {
      done = position;
      onBytes(done);
    }
    if (done < file.size) throw new TransientError(`the connection ended after ${done} of ${file.size} bytes`);
  };
  try {
    await retry(attempt, retries, () => done);
  } catch (thrown) {
    if (request.signal?.aborted || !(thrown instanceof TransientError)) throw thrown;
    const details = { model: repo, file: file.path, reason: thrown.message };
    throw new WeftError('model/download-failed', details, { cause: thrown });
  }
}

/** One request for what is missing. Yields the size reached after every piece written. */
async function* receive(download: BlobDownload, partial: string): AsyncGenerator<number> {
  const { file, url, request } = download;
  const start = await sizeOf(partial);
  // Compressed on the way, positions would count other bytes than the file's.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (start > 0 && start < file.size) headers.range = `bytes=${start}-`;
  const output = await open(partial, 'a');
  try {
    if (start === file.size) {
      yield start;
      return;
    }
    const live = await send(url, headers, request);
    try {
      let position = await startOf(live.response, start, partial, download);
      for await (const piece of live.response.body ?? []) {
        live.beat();
        if (position + piece.length > file.size) throw tooLong(download);
        await output.write(piece);
        position += piece.length;
        yield position;
      }
    } catch (thrown) {
      throw thrown instanceof WeftError || isFileError(thrown) ? thrown : transient(thrown, request.signal);
    } finally {
      live.end();
    }
  } finally {
    await output.close();
  }
}

/** Where in the file the response begins. A server that does not continue sends everything: then so does the file. */
async function startOf(response: Response, wanted: number, partial: string, download: BlobDownload): Promise<number> {
  const { repo, revision, file, request } = download;
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (Number(range?.[1]) === wanted && (range?.[2] === '*' || Number(range?.[2]) === file.size)) return wanted;
  }
  if (response.status === 206 || response.status === 416) {
    await truncate(partial);
    throw new TransientError('the server cannot continue at that position');
  }
  if (response.status === 200) {
    if (wanted > 0) await truncate(partial);
    return 0;
  }
  const reason = refusalOf(response.status, { token: request.token, revision });
  if (reason !== undefined && response.status !== 404) throw new WeftError('model/no-access', { model: repo, reason });
  const told = response.status === 404 ? 'the hub does not have it any more' : `the server answered ${response.status}`;
  throw new WeftError('model/download-failed', { model: repo, file: file.path, reason: told });
}

function tooLong({ repo, file }: BlobDownload): WeftError {
  const reason = `more came than its ${file.size} bytes`;
  return new WeftError('model/download-failed', { model: repo, file: file.path, reason });
}

/** SHA-256, or git's blob id: SHA-1 over a header and the content. */
async function hashOf(
  path: string,
  { size, algorithm }: RepositoryFile,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (size <= INLINE_BYTES) {
    const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1');
    if (algorithm === 'git-sha1') hash.update(`blob ${size}\0`);
    return hash.update(await readFile(path)).digest('hex');
  }
  const [answer] = await hashFiles([{ path, algorithm }], signal);
  return answer !== undefined && 'hash' in answer ? answer.hash : 'an unreadable file';
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** What the file system threw, as opposed to `fetch`, whose errors carry theirs as a cause. */
function isFileError(thrown: unknown): boolean {
  return typeof (thrown as NodeJS.ErrnoException).syscall === 'string';
}
