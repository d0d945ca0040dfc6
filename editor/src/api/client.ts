/** The HTTP API as functions. Every failure is an ApiError with the server's own message. Must not touch the page. */
import type { ErrorShape } from '../../../src/errors.ts';
import type {
  Graph,
  GraphDocument,
  GraphEntry,
  ModelInfo,
  NodeDescriptor,
  UploadReply,
  ValidateReply,
} from '../../../src/protocol/index.ts';
import { errorFromBody } from '../run/run-state.ts';

export class ApiError extends Error {
  readonly shape: ErrorShape;
  /** HTTP status, 0 when the server could not be reached. */
  readonly status: number;

  constructor(shape: ErrorShape, status: number) {
    super(shape.message);
    this.name = 'ApiError';
    this.shape = shape;
    this.status = status;
  }
}

export class ApiClient {
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(token: string | undefined, fetchFunction: typeof fetch = (...args) => fetch(...args)) {
    this.#token = token;
    this.#fetch = fetchFunction;
  }

  nodes(): Promise<readonly NodeDescriptor[]> {
    return this.#json('GET', '/api/nodes');
  }

  models(): Promise<readonly ModelInfo[]> {
    return this.#json('GET', '/api/models');
  }

  graphs(): Promise<readonly GraphEntry[]> {
    return this.#json('GET', '/api/graphs');
  }

  graph(name: string): Promise<GraphDocument> {
    return this.#json('GET', `/api/graphs/${encodeURIComponent(name)}`);
  }

  /** `revision` undefined: the name must be new. Throws with code `server/conflict` when someone else saved. */
  saveGraph(name: string, graph: Graph, revision: string | undefined): Promise<GraphEntry> {
    return this.#json('PUT', `/api/graphs/${encodeURIComponent(name)}`, {
      graph,
      ...(revision === undefined ? {} : { revision }),
    });
  }

  /** The server's own check: it also looks at files and models. */
  validate(graph: Graph): Promise<ValidateReply> {
    return this.#json('POST', '/api/validate', { graph });
  }

  upload(file: Blob, name: string): Promise<UploadReply> {
    return this.#send('POST', `/api/uploads?name=${encodeURIComponent(name)}`, file, 'application/octet-stream');
  }

  #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.#send(method, path, body === undefined ? undefined : JSON.stringify(body), 'application/json');
  }

  async #send<T>(method: string, path: string, body: string | Blob | undefined, type: string): Promise<T> {
    let response: Response;
    try {
      response = await this.#fetch(path, {
        method,
        headers: {
          ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
          ...(body === undefined ? {} : { 'Content-Type': type }),
        },
        ...(body === undefined ? {} : { body }),
      });
    } catch {
      throw new ApiError(unreachable(), 0);
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new ApiError(errorFromBody(answer, response.status), response.status);
    return answer as T;
  }
}

export function unreachable(): ErrorShape {
  return {
    code: 'internal',
    message: 'The server cannot be reached.',
    remedy: 'Check that `weft serve` is still running, then try again.',
  };
}
