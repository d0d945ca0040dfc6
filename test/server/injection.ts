/** Requests injected into a server that listens nowhere, as its own page would send them. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import pino from 'pino';
import { afterEach } from 'vitest';
import type { ErrorShape } from '../../src/errors.ts';
import type { Application } from '../../src/protocol/application.ts';
import { buildServer, type ServerOptions } from '../../src/server/server.ts';

export const TOKEN = 'token-for-the-tests-only';
export const silent = pino({ level: 'silent' });

const open: FastifyInstance[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

export interface Request {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS';
  readonly url: string;
  /** undefined removes a header that would be sent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: object | string | Buffer;
}

export type Inject = (request: Request) => Promise<LightMyRequestResponse>;

export async function injector(application: Application, options: ServerOptions = {}): Promise<Inject> {
  const server = await buildServer(application, { token: TOKEN, logger: silent, ...options });
  open.push(server);
  return ({ method = 'GET', url, headers, body }) => {
    const all = { host: 'localhost:7878', authorization: `Bearer ${TOKEN}`, ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return server.inject({
      method,
      url,
      headers: sent as Record<string, string>,
      ...(body === undefined ? {} : { payload: body }),
    });
  };
}

export function errorOf(response: LightMyRequestResponse): ErrorShape {
  return response.json<{ error: ErrorShape }>().error;
}
