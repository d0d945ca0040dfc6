/** What a repository holds at a revision, asked from the hub through @huggingface/hub. Downloads no file. */
import { HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { WeftError } from '../../errors.ts';
import { COMMIT } from '../hub-cache.ts';
import { type HubRequest, send, TransientError, transient } from './hub-request.ts';
import { type RetryOptions, retry } from './retry.ts';

export interface RepositoryFile {
  readonly path: string;
  /** Where it is downloaded at. */
  readonly commit: string;
  readonly size: number;
  /** The name of its blob: SHA-256 of a large file (LFS), git's SHA-1 of another. */
  readonly blob: string;
  readonly algorithm: 'sha256' | 'git-sha1';
}

export interface RepositoryContents {
  readonly commit: string;
  readonly files: readonly RepositoryFile[];
}

const MAX_FILES = 100_000;

/** Throws `model/no-access`, `model/download-failed`, or the signal's reason. */
export async function readRepository(
  repo: string,
  revision: string,
  request: HubRequest,
  retries: RetryOptions,
): Promise<RepositoryContents> {
  try {
    return await retry(() => readOnce(repo, revision, request), retries);
  } catch (thrown) {
    if (request.signal?.aborted || thrown instanceof WeftError) throw thrown;
    throw explain(thrown, repo, revision, request);
  }
}

async function readOnce(repo: string, revision: string, request: HubRequest): Promise<RepositoryContents> {
  // The library accepts tokens of the public hub only (hf_…), so the access is added to its requests here.
  const through = { hubUrl: request.endpoint, fetch: fetchThrough(request) };
  const { sha } = await modelInfo({ ...through, name: repo, revision, additionalFields: ['sha'] });
  if (typeof sha !== 'string' || !COMMIT.test(sha)) throw unexpected(repo, `a commit "${String(sha).slice(0, 80)}"`);
  const files: RepositoryFile[] = [];
  for await (const entry of listFiles({ ...through, repo, revision: sha, recursive: true })) {
    if (entry.type !== 'file') continue;
    files.push(fileOf(entry, repo, sha));
    if (files.length > MAX_FILES) throw unexpected(repo, `more than ${MAX_FILES} files`);
  }
  return { commit: sha, files };
}

function fileOf(
  entry: { path: string; size: number; oid?: string; lfs?: { oid: string; size: number } },
  repo: string,
  commit: string,
) {
  const { path } = entry;
  const blob = entry.lfs?.oid ?? entry.oid ?? '';
  const size = entry.lfs?.size ?? entry.size;
  const algorithm = entry.lfs === undefined ? 'git-sha1' : 'sha256';
  const pattern = algorithm === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/;
  // Path and blob become names on this machine: whoever answers as the hub must not choose where files go.
  if (!isPlainPath(path)) throw unexpected(repo, `a file called "${String(path).slice(0, 200)}"`);
  if (!pattern.test(blob) || !Number.isSafeInteger(size) || size < 0) {
    throw unexpected(repo, `no size or checksum for "${path}"`);
  }
  return { path, commit, size, blob, algorithm } as const;
}

function isPlainPath(path: unknown): boolean {
  if (typeof path !== 'string' || path.length > 1024) return false;
  if ([...path].some((character) => character < ' ' || '\\:*?"<>|'.includes(character))) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** `fetch` for the library: with access and the patience of `send`, and its answers read whole. */
function fetchThrough(request: HubRequest): typeof fetch {
  return async (input, init) => {
    const live = await send(String(input), init?.headers as Record<string, string>, request, {
      method: init?.method ?? 'GET',
    });
    try {
      const { status, headers } = live.response;
      const body = await live.response.arrayBuffer();
      return new Response(body, { status, headers });
    } catch (thrown) {
      throw transient(thrown, request.signal);
    } finally {
      live.end();
    }
  };
}

function unexpected(repo: string, received: string): WeftError {
  return new WeftError('model/download-failed', {
    model: repo,
    file: 'the list of files',
    reason: `it has ${received}`,
  });
}

function explain(thrown: unknown, repo: string, revision: string, { token }: HubRequest): WeftError {
  const failed = (reason: string): WeftError =>
    new WeftError('model/download-failed', { model: repo, file: 'the list of files', reason }, { cause: thrown });
  if (thrown instanceof TransientError) return failed(thrown.message);
  if (!(thrown instanceof HubApiError)) return failed('the hub’s answer cannot be read');
  const refusal = refusalOf(thrown.statusCode, { token, revision });
  if (refusal === undefined) return failed(`the hub answered ${thrown.statusCode}`);
  return new WeftError('model/no-access', { model: repo, reason: refusal }, { cause: thrown });
}

/** Why the hub refused, for the statuses that say so. */
export function refusalOf(
  status: number,
  { token, revision }: { token: string | undefined; revision: string },
): string | undefined {
  switch (status) {
    case 401:
      // The hub answers so for what does not exist, too, in order not to tell.
      return token === undefined ? 'no such repository, or it needs a token' : 'the token is not valid';
    case 403:
      return 'the token has no access to it';
    case 404:
      return revision === 'main' ? 'no such repository' : `no such repository or revision "${revision}"`;
    default:
      return undefined;
  }
}
