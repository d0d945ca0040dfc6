/**
 * A small hub: repositories in memory, the addresses that pulling uses, large files behind a redirect to another
 * origin, as the real one does. Misbehaves on request: cuts connections, sends wrong bytes, refuses.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubFile {
  readonly path: string;
  readonly content: Buffer;
  /** Stored as a large file: named by SHA-256, served by the other origin. */
  readonly large: boolean;
}

/** A pull request with the files of its branch. */
export interface Proposal {
  readonly num: number;
  readonly title: string;
  readonly author: string;
  readonly status: 'open' | 'closed';
  readonly files: Record<string, { content: string | Buffer; large?: boolean }>;
}

export interface Misbehaviour {
  /** Cuts every connection for a large file after this many bytes. */
  cutAfter?: number;
  /** How many times it cuts; then it behaves. */
  cuts?: number;
  /** Sends this instead of the content. */
  corrupt?: (content: Buffer) => Buffer;
  /** Answers every range request with the whole file. */
  ignoreRange?: boolean;
  /** Answers API requests so many times with 503 first. */
  unavailable?: number;
  /** Answers large files so many times with 429 first. */
  tooMany?: number;
  /** Keeps the connection open without sending anything. */
  silent?: boolean;
  /** Status of every API request. */
  status?: number;
  /** Replaces a path in the list of files. */
  rename?: (path: string) => string;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly origin: 'hub' | 'cdn';
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

export class HubServer {
  readonly requests: Seen[] = [];
  misbehaviour: Misbehaviour = {};
  /** Requests without it are answered 401. */
  requiredToken: string | undefined;
  readonly commit = 'a1'.repeat(20);
  /** Of every proposal's branch. */
  readonly proposed = 'b2'.repeat(20);
  readonly #repositories = new Map<string, HubFile[]>();
  readonly #proposals = new Map<string, Proposal[]>();
  #branch: Proposal['files'] | undefined;
  readonly #hub: Server;
  readonly #cdn: Server;

  constructor() {
    this.#hub = createServer((request, response) => this.#answerHub(request, response));
    this.#cdn = createServer((request, response) => this.#answerCdn(request, response));
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  async start(): Promise<void> {
    await Promise.all(
      [this.#hub, this.#cdn].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
    );
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  add(repo: string, files: Record<string, { content: string | Buffer; large?: boolean }>): void {
    this.#repositories.set(repo, filesOf(files));
  }

  /** Pull requests of a repository, listed one a page. */
  propose(repo: string, ...proposals: Proposal[]): void {
    this.#proposals.set(repo, proposals);
  }

  /** Forgets what was asked and behaves again. */
  reset(): void {
    this.requests.length = 0;
    this.misbehaviour = {};
    this.requiredToken = undefined;
  }

  #note(request: IncomingMessage, origin: Seen['origin']): URL {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, url, origin, authorization: headers.authorization, range: headers.range });
    return new URL(url, 'http://hub');
  }

  #answerHub(request: IncomingMessage, response: ServerResponse): ServerResponse {
    const { pathname, searchParams } = this.#note(request, 'hub');
    const authorized =
      this.requiredToken === undefined || request.headers.authorization === `Bearer ${this.requiredToken}`;
    if (!authorized) return json(response, 401, { error: 'Invalid credentials' });
    const pages = /^\/api\/models\/(.+?)\/discussions$/.exec(pathname);
    if (pages !== null) return this.#answerDiscussions(pages[1]!, Number(searchParams.get('p')), response);
    const api = /^\/api\/models\/(.+?)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    if (api !== null) return this.#answerApi(api[1]!, api[2]!, decodeURIComponent(api[3]!), response);
    const resolve = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    const file = this.#fileOf(resolve?.[1], resolve?.[2], decodeURIComponent(resolve?.[3] ?? ''));
    if (file === undefined)
      return json(response, 404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' });
    response.setHeader('x-repo-commit', this.commit);
    if (!file.large) {
      response.setHeader('etag', `"${gitHash(file.content)}"`);
      return this.#send(file.content, request, response);
    }
    response.setHeader('x-linked-etag', `"${sha256(file.content)}"`);
    response.setHeader('x-linked-size', file.content.length);
    return response.writeHead(302, { location: `${addressOf(this.#cdn)}/cdn${pathname}` }).end();
  }

  #answerApi(repo: string, kind: string, revision: string, response: ServerResponse): ServerResponse {
    const { misbehaviour } = this;
    if ((misbehaviour.unavailable ?? 0) > 0) {
      misbehaviour.unavailable!--;
      return json(response, 503, { error: 'busy' });
    }
    if (misbehaviour.status !== undefined) return json(response, misbehaviour.status, { error: 'as asked' });
    const files = this.#filesAt(repo, revision);
    if (files === undefined) {
      return json(response, 404, { error: 'Repository not found' }, { 'x-error-code': 'RepoNotFound' });
    }
    if (kind === 'revision') {
      return json(response, 200, {
        _id: 'id',
        id: repo,
        sha: revision.startsWith('refs/pr/') ? this.proposed : this.commit,
        private: false,
        downloads: 0,
        likes: 0,
        gated: false,
        lastModified: '2026-01-01T00:00:00.000Z',
        siblings: files.map(({ path }) => ({ rfilename: path })),
      });
    }
    const folders = new Set(
      files.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])),
    );
    const entries = [
      ...[...folders].map((path) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path })),
      ...files.map(({ path, content, large }) => ({
        type: 'file',
        path: misbehaviour.rename?.(path) ?? path,
        size: content.length,
        oid: gitHash(content),
        ...(large ? { lfs: { oid: sha256(content), size: content.length, pointerSize: 130 } } : {}),
      })),
    ];
    return json(response, 200, entries);
  }

  #answerCdn(request: IncomingMessage, response: ServerResponse): ServerResponse {
    const { pathname } = this.#note(request, 'cdn');
    const [, repo, revision, path] = /^\/cdn\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const file = this.#fileOf(repo, revision, decodeURIComponent(path ?? ''));
    if (file === undefined) return json(response, 404, {});
    if ((this.misbehaviour.tooMany ?? 0) > 0) {
      this.misbehaviour.tooMany!--;
      return json(response, 429, {}, { 'retry-after': '0' });
    }
    if (this.misbehaviour.silent) return response;
    return this.#send(this.misbehaviour.corrupt?.(file.content) ?? file.content, request, response);
  }

  #fileOf(repo = '', revision = '', path = ''): HubFile | undefined {
    return this.#filesAt(repo, revision)?.find((file) => file.path === path);
  }

  #filesAt(repo: string, revision: string): readonly HubFile[] | undefined {
    if (['main', this.commit].includes(revision)) return this.#repositories.get(repo);
    const proposals = this.#proposals.get(repo) ?? [];
    const isThis = ({ num }: Proposal) => revision === `refs/pr/${num}`;
    // All branches have one commit: it stands for the one that was asked for last.
    if (revision !== this.proposed) this.#branch = proposals.find(isThis)?.files;
    return this.#branch && filesOf(this.#branch);
  }

  #answerDiscussions(repo: string, page: number, response: ServerResponse): ServerResponse {
    const all = this.#proposals.get(repo);
    if (all === undefined) return json(response, 403, { error: 'Discussions are disabled for this repo' });
    const discussions = all.slice(page, page + 1).map(({ files, author, ...proposal }) => ({
      ...proposal,
      author: { name: author, type: 'user' },
      isPullRequest: true,
    }));
    return json(response, 200, { discussions, start: page, count: all.length });
  }

  #send(content: Buffer, request: IncomingMessage, response: ServerResponse): ServerResponse {
    const range = this.misbehaviour.ignoreRange ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Number(range[2]) + 1 : content.length;
    if (start >= content.length && content.length > 0) {
      return response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    }
    const body = content.subarray(start, end);
    const headers: Record<string, string | number> = { 'content-length': body.length, 'accept-ranges': 'bytes' };
    if (range !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${content.length}`;
    response.writeHead(range === null ? 200 : 206, headers);
    const { cutAfter, cuts = 0 } = this.misbehaviour;
    if (request.method === 'HEAD') return response.end();
    if (cutAfter === undefined || cuts <= 0 || body.length <= cutAfter) return response.end(body);
    this.misbehaviour.cuts = cuts - 1;
    response.write(body.subarray(0, cutAfter), () => response.destroy());
    return response;
  }
}

function filesOf(files: Proposal['files']): HubFile[] {
  return Object.entries(files).map(([path, { content, large = false }]) => ({
    path,
    content: Buffer.from(content),
    large,
  }));
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

export function gitHash(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(
  response: ServerResponse,
  status: number,
  content: object,
  headers: Record<string, string> = {},
): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content));
}
