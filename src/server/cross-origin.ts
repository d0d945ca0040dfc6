/** CORS for origins allowed by name with --allow-origin, and for no other. Sets headers and answers preflights. */
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';

export function allowCrossOrigin(api: FastifyInstance, access: Access): void {
  api.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || !access.isAllowedOrigin(origin)) return;
    reply.headers({
      'access-control-allow-origin': origin,
      vary: 'origin',
      'cross-origin-resource-policy': 'cross-origin',
    });
    // A preflight never carries the token: it is answered before the token is asked for.
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      reply.headers({
        'access-control-allow-methods': 'GET, PUT, POST, DELETE',
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': '600',
      });
      await reply.status(204).send();
    }
  });
}
