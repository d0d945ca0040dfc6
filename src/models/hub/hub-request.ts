/**
 * One request to the hub: access, cancelling, and giving up on a connection that sends nothing.
 * Decides what is worth another try; the callers try.
 */

export interface HubRequest {
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Without a byte for this long, the connection counts as cut. */
  readonly idleMilliseconds: number;
}

/** A failure that may pass: a cut connection, an overloaded server. */
export class TransientError extends Error {
  /** What the server asked to wait, milliseconds. */
  readonly wait: number | undefined;

  constructor(message: string, { wait, cause }: { wait?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.wait = wait;
  }
}

/** A response whose `beat()` must be called for every piece of its body that arrives. */
export interface LiveResponse {
  readonly response: Response;
  beat(): void;
  /** Ends the watch; the body is dropped if it was not read to its end. */
  end(): void;
}

/** Throws `TransientError` for what may pass, and the signal's reason when it fires. Other statuses are the caller's. */
export async function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  { endpoint, token, signal, idleMilliseconds }: HubRequest,
  init: Omit<RequestInit, 'headers' | 'signal'> = {},
): Promise<LiveResponse> {
  const idle = new AbortController();
  const quiet = (): void => idle.abort(new TransientError(`nothing came for ${idleMilliseconds / 1000} s`));
  let timer = setTimeout(quiet, idleMilliseconds);
  const beat = (): void => {
    clearTimeout(timer);
    timer = setTimeout(quiet, idleMilliseconds);
  };
  const end = (): void => {
    clearTimeout(timer);
    idle.abort();
  };
  // Only the hub itself gets the token; `fetch` drops it when a redirect leads to another origin.
  const access = token !== undefined && new URL(url).origin === new URL(endpoint).origin;
  const authorization: Record<string, string> = access ? { authorization: `Bearer ${token}` } : {};
  try {
    const response = await fetch(url, {
      ...init,
      headers: { 'user-agent': 'weft', ...headers, ...authorization },
      signal: signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal]),
    });
    beat();
    if (isOverloaded(response.status)) {
      const wait = retryAfter(response);
      end();
      throw new TransientError(`the server answered ${response.status}`, { wait });
    }
    return { response, beat, end };
  } catch (thrown) {
    end();
    throw transient(thrown, signal);
  }
}

/** What a failed `fetch` or a cut body is: the signal's doing, or a failure that may pass. */
export function transient(thrown: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (thrown instanceof TransientError) return thrown;
  const cause = (thrown as { cause?: { code?: string; message?: string } }).cause;
  const reason = cause?.code ?? cause?.message ?? (thrown as Error).message;
  return new TransientError(`the connection failed (${reason})`, { cause: thrown });
}

function isOverloaded(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 && seconds <= 60 ? seconds * 1000 : undefined;
}
