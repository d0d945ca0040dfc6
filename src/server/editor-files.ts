/** The built editor as static files. They hold no secret: the token reaches the page in the URL's fragment. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { WeftError } from '../errors.ts';

export async function serveEditor(server: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    server.get('/', async () => {
      throw new WeftError('server/not-built', { path: folder });
    });
    return;
  }
  await server.register(fastifyStatic, {
    root: folder,
    index: 'index.html',
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Vite names what lies under assets/ by its content.
      const named = path.startsWith(join(folder, 'assets'));
      reply.setHeader('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
