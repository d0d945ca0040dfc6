/**
 * The safetensors that the hub's own converter offers of a repository that has only pickles: it opens a pull request, whose
 * branch holds them beside what was converted. Finds such a branch as Python's transformers does; downloads no file.
 */
import { WeftError } from '../../errors.ts';
import { isPickle, isSafetensors } from '../model-files.ts';
import { type HubRequest, send, TransientError, transient } from './hub-request.ts';
import { type RepositoryContents, type RepositoryFile, readRepository } from './repository.ts';
import { type RetryOptions, retry } from './retry.ts';

export interface Conversion {
  /** `refs/pr/3`. */
  readonly revision: string;
  /** Safetensors and their index. */
  readonly files: readonly RepositoryFile[];
}

/** Anyone may open a pull request of this title, but only the converter's is believed. */
const CONVERTER = 'SFconvertbot';
const TITLE = 'Adding `safetensors` variant of this model';
/** Of the hub, each of some dozens of entries. */
const MOST_PAGES = 20;

/**
 * Undefined where there is none, or none of these very weights: of an older state of the repository. Throws
 * `model/download-failed`, or the signal's reason.
 */
export async function findConversion(
  repo: string,
  { files }: RepositoryContents,
  request: HubRequest,
  retries: RetryOptions,
): Promise<Conversion | undefined> {
  const pickles = files.filter(({ path }) => isPickle(path) && !path.includes('/'));
  if (pickles.length === 0) return undefined;
  for (const number of await proposals(repo, request, retries)) {
    const revision = `refs/pr/${number}`;
    const proposed = await readProposed(repo, revision, request, retries);
    const blobs = new Map(proposed.files.map(({ path, blob }) => [path, blob]));
    const converted = proposed.files.filter(({ path }) => isConverted(path));
    const isOfThese = pickles.every(({ path, blob }) => blobs.get(path) === blob);
    if (isOfThese && converted.some(({ path }) => isSafetensors(path))) return { revision, files: converted };
  }
  return undefined;
}

/** Nothing where the branch went away meanwhile. */
async function readProposed(
  repo: string,
  revision: string,
  request: HubRequest,
  retries: RetryOptions,
): Promise<Pick<RepositoryContents, 'files'>> {
  try {
    return await readRepository(repo, revision, request, retries);
  } catch (thrown) {
    if (thrown instanceof WeftError && thrown.code === 'model/no-access') return { files: [] };
    throw thrown;
  }
}

function isConverted(path: string): boolean {
  return !path.includes('/') && (isSafetensors(path) || path.endsWith('.safetensors.index.json'));
}

/** Numbers of the converter's open pull requests. None where the repository has no such pages. */
async function proposals(repo: string, request: HubRequest, retries: RetryOptions): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await retry(() => readPage(repo, page, request), retries).catch((thrown) => {
      if (!(thrown instanceof TransientError)) throw thrown;
      const details = { model: repo, file: 'the list of pull requests', reason: thrown.message };
      throw new WeftError('model/download-failed', details, { cause: thrown });
    });
    if (answer === undefined) return numbers;
    const { discussions, start, count } = answer;
    for (const { num, title, status, isPullRequest, author } of discussions) {
      const isProposal = status === 'open' && isPullRequest === true && title === TITLE && author?.name === CONVERTER;
      if (isProposal && Number.isSafeInteger(num) && Number(num) > 0) numbers.push(Number(num));
    }
    if (discussions.length === 0 || start + discussions.length >= count) return numbers;
  }
  return numbers;
}

interface Page {
  readonly discussions: readonly {
    readonly num?: unknown;
    readonly title?: unknown;
    readonly status?: unknown;
    readonly isPullRequest?: unknown;
    readonly author?: { readonly name?: unknown } | null;
  }[];
  readonly start: number;
  readonly count: number;
}

/** Undefined for a repository whose pages are closed. */
async function readPage(repo: string, page: number, request: HubRequest): Promise<Page | undefined> {
  const query = new URLSearchParams({ type: 'pull_request', status: 'open', author: CONVERTER, p: String(page) });
  const url = `${request.endpoint}/api/models/${repo}/discussions?${query}`;
  const live = await send(url, { accept: 'application/json' }, request);
  try {
    return live.response.ok ? pageOf(await live.response.text()) : undefined;
  } catch (thrown) {
    throw transient(thrown, request.signal);
  } finally {
    live.end();
  }
}

/** An answer of another form is cut or no hub's: worth another try. */
function pageOf(text: string): Page {
  const { discussions, start, count } = JSON.parse(text) as Partial<Page>;
  if (Array.isArray(discussions) && Number.isSafeInteger(start) && Number.isSafeInteger(count)) {
    return { discussions, start: start!, count: count! };
  }
  throw new TransientError('its answer has another form');
}
