/** GET /api/health, /api/nodes, /api/models: what this server is and has. Translates only. */
import type { FastifyInstance } from 'fastify';
import type { Application } from '../../protocol/application.ts';

export function catalogueRoutes(api: FastifyInstance, application: Application): void {
  api.get('/health', async () => ({
    status: 'ok',
    version: application.version,
    memory: application.system.memory(),
  }));
  api.get('/nodes', async () => application.nodes);
  api.get('/models', async () => application.models.list());
}
