/**
 * Every error as an ErrorReply with the status of the catalogue. Unexpected ones are logged whole and answered
 * generically: their message may hold paths or secrets.
 */
import type { FastifyError, FastifyInstance } from 'fastify';
import { toWeftError, WeftError } from '../errors.ts';
import type { ErrorReply } from '../protocol/http.ts';

export function replyWithErrors(server: FastifyInstance): void {
  server.setErrorHandler(async (thrown: unknown, request, reply) => {
    const error = fromFastify(thrown, request.routeOptions.bodyLimit) ?? toWeftError(thrown);
    if (error.code === 'internal') {
      request.log.error({ err: error.cause ?? error, method: request.method, url: request.url }, 'request failed');
    }
    if (error.code === 'server/unauthorized') reply.header('www-authenticate', 'Bearer');
    const body: ErrorReply = { error: error.toJSON() };
    return reply.status(error.status).header('cache-control', 'no-store').send(body);
  });
}

export function notFound(method: string, url: string): WeftError {
  return new WeftError('server/not-found', { method, path: pathOf(url) });
}

/** Fastify's own refusals of a request, in our words. */
function fromFastify(thrown: unknown, bodyLimit: number | undefined): WeftError | undefined {
  const { code, statusCode, message } = thrown as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new WeftError(
      'input/too-large',
      { limit: `${bodyLimit ?? 0} bytes`, what: 'the body', received: 'more' },
      { cause: thrown },
    );
  }
  if (typeof code !== 'string' || typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) {
    // JSON.parse of a body throws a SyntaxError that Fastify marks with a status.
    if (!(thrown instanceof SyntaxError && statusCode === 400)) return undefined;
  }
  return new WeftError(
    'server/bad-request',
    { expected: 'a valid request', where: 'the request', received: `one refused because: ${message ?? 'unknown'}` },
    { cause: thrown },
  );
}

/** Without the query: it may hold what a person would not want repeated. */
function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').slice(0, 200);
}
