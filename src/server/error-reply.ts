/**
 * Every error as an ErrorReply with the status of the catalogue. Unexpected ones are logged whole and answered
 * generically: their message may hold paths or secrets.
 */
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { toWeftError, WeftError } from '../errors.ts';
import type { ErrorReply } from '../protocol/http.ts';

export function replyWithErrors(server: FastifyInstance): void {
  server.setErrorHandler(async (thrown: unknown, request, reply) => {
    const error = fromFastify(thrown, request) ?? toWeftError(thrown);
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

/** Refusals by Fastify and its static files, in our words. */
function fromFastify(thrown: unknown, { method, url, routeOptions }: FastifyRequest): WeftError | undefined {
  const { code, statusCode, message } = thrown as Partial<FastifyError>;
  if (thrown instanceof WeftError || statusCode === undefined || statusCode < 400 || statusCode >= 500)
    return undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const details = { limit: `${routeOptions.bodyLimit} bytes`, what: 'the body', received: 'more' };
    return new WeftError('input/too-large', details, { cause: thrown });
  }
  // A path that leads out of the editor's folder: whether something is there is not told.
  if (statusCode === 403 || statusCode === 404) return notFound(method, url);
  return new WeftError(
    'server/bad-request',
    { expected: 'a valid request', where: 'the request', received: `one refused because: ${message}` },
    { cause: thrown },
  );
}

/** Without the query: it may hold what a person would not want repeated. */
function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').slice(0, 200);
}
