/**
 * POST /api/uploads?name=FILE with the raw bytes of one file, of any content type.
 * The limit is enforced while the bytes arrive: no more than that is ever held.
 */
import type { FastifyInstance } from 'fastify';
import { WeftError } from '../../errors.ts';
import type { Application } from '../../protocol/application.ts';
import type { UploadReply } from '../../protocol/http.ts';
import { describe } from '../request-body.ts';

export function uploadRoutes(api: FastifyInstance, application: Application, limitBytes: number): void {
  api.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    uploads.post<{ Querystring: { name?: unknown } }>(
      '/uploads',
      { bodyLimit: limitBytes },
      async ({ query, body }): Promise<UploadReply> => {
        const name = fileName(query.name);
        if (!Buffer.isBuffer(body) || body.length === 0) {
          throw new WeftError('input/empty', { what: 'the bytes of a file', path: name });
        }
        return application.uploads.put(body, name);
      },
    );
  });
}

/** Only the last part of a path, and nothing a terminal or a file system would take amiss. */
function fileName(name: unknown): string {
  const last = typeof name === 'string' ? name.split(/[\\/]/).at(-1) : undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (last !== undefined && last !== '' && last.length <= 255 && !/[\u0000-\u001f\u007f]/.test(last)) return last;
  throw new WeftError('server/bad-request', {
    expected: 'a file name of at most 255 characters',
    where: '"name" of the query',
    received: describe(name),
  });
}
