/**
 * The HTTP server: joins checks, routes, editor files and the WebSocket door. Translates only; it receives an
 * Application and knows nothing below it. Loopback and a random token by default.
 */
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { WeftError } from '../errors.ts';
import type { Application, ServeOptions, ServerHandle } from '../protocol/application.ts';
import type { Run } from '../protocol/run.ts';
import { Access, bearerToken, checkTokenShape, hostName, makeToken } from './access.ts';
import { allowCrossOrigin } from './cross-origin.ts';
import { serveEditor } from './editor-files.ts';
import { notFound, replyWithErrors } from './error-reply.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import { makeLogger } from './logger.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { graphRoutes } from './routes/graphs.ts';
import { runRoutes } from './routes/runs.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { EventEncoder } from './socket/event-encoder.ts';
import { PreviewStudio } from './socket/preview-studio.ts';
import { openSocketDoor } from './socket/upgrade.ts';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 7878;

export interface ServerOptions extends ServeOptions {
  readonly limits?: Partial<ServerLimits>;
  /** Warnings and errors go to standard error when left out; WEFT_LOG sets another level. */
  readonly logger?: Logger;
}

/** Listens. Throws `server/port-in-use`, or `usage/bad-argument` for an address or token that cannot be used. */
export async function startServer(application: Application, options: ServerOptions = {}): Promise<ServerHandle> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT } = options;
  const token = checkTokenShape(options.token ?? makeToken());
  const server = await buildServer(application, { ...options, token });
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    throw listenError(cause, host, port);
  }
  const actual = (server.server.address() as AddressInfo).port;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${reachableName(host)}:${actual}/#token=${token}`,
    port: actual,
    token,
    close: () => {
      closing ??= closeServer(server, options.limits?.closeGrace ?? DEFAULT_LIMITS.closeGrace);
      return closing;
    },
  };
}

/** Everything but listening: what tests inject requests into. */
export async function buildServer(application: Application, options: ServerOptions = {}): Promise<FastifyInstance> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const logger = options.logger ?? makeLogger(process.env.WEFT_LOG);
  const access = new Access({
    token: checkTokenShape(options.token ?? makeToken()),
    host: options.host ?? DEFAULT_HOST,
    allowOrigins: options.allowOrigins ?? [],
    allowHosts: options.allowHosts ?? [],
  });
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeout,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });

  replyWithErrors(server);
  server.setNotFoundHandler(async ({ method, url }) => {
    throw notFound(method, url);
  });
  server.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    const { headers, socket } = request.raw;
    access.checkHost({ headers, localAddress: socket.localAddress, localPort: socket.localPort });
  });
  await server.register(async (api) => registerApi(api, application, access, limits), { prefix: '/api' });
  await server.register(async (pages) => {
    pages.addHook('onRequest', async ({ raw }) => access.checkOrigin(raw.headers, 'public'));
    await serveEditor(pages, application.editorFolder);
  });

  const encoders = new WeakMap<Run, EventEncoder>();
  const door = openSocketDoor(server.server, access, {
    runtime: application.runtime,
    limits,
    studio: new PreviewStudio(application.previews, limits, logger),
    log: logger,
    encoderOf: (run) => {
      const encoder = encoders.get(run) ?? new EventEncoder();
      encoders.set(run, encoder);
      return encoder;
    },
  });
  server.addHook('preClose', () => door.close());
  return server;
}

function registerApi(api: FastifyInstance, application: Application, access: Access, limits: ServerLimits): void {
  // JSON only: a form or plain text is what a foreign page could send without asking first.
  api.removeContentTypeParser('text/plain');
  allowCrossOrigin(api, access);
  api.addHook('onRequest', async ({ raw }, reply) => {
    reply.header('cache-control', 'no-store');
    access.checkOrigin(raw.headers, 'data');
    access.checkToken(bearerToken(raw.headers));
  });
  // Its own, so that an unknown address is only told to someone with the token.
  api.setNotFoundHandler(async ({ method, url }) => {
    throw notFound(method, url);
  });
  catalogueRoutes(api, application);
  graphRoutes(api, application);
  runRoutes(api, application);
  uploadRoutes(api, application, limits.uploadBytes);
}

/** Requests under way may end by themselves, for a while. */
async function closeServer(server: FastifyInstance, grace: number): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), grace);
  await server.close();
  clearTimeout(timer);
}

/** A wildcard address is no address to visit. */
function reachableName(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : hostName(host);
}

function listenError(cause: unknown, host: string, port: number): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new WeftError('server/port-in-use', { host, port }, { cause });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES' || code === 'ERR_SOCKET_BAD_PORT') {
    return new WeftError(
      'usage/bad-argument',
      {
        expected: 'an address and port this machine may listen on',
        received: `${host}:${port} (${code})`,
        command: 'serve',
      },
      { cause },
    );
  }
  return cause;
}
