/** /api/graphs and /api/validate: the saved graphs and the check of an unsaved one. Translates only. */
import type { FastifyInstance } from 'fastify';
import { WeftError } from '../../errors.ts';
import { parseGraph } from '../../graph/index.ts';
import type { Application } from '../../protocol/application.ts';
import { saveGraphSchema, type ValidateReply, validateSchema } from '../../protocol/http.ts';
import { describe, parseBody } from '../request-body.ts';

/** Names become file names, so only the plainest are let through. */
const GRAPH_NAME = /^[A-Za-z0-9][\w-]{0,63}$/;

export function graphRoutes(api: FastifyInstance, application: Application): void {
  api.get('/graphs', async () => application.graphs.list());

  api.get<{ Params: { name: string } }>('/graphs/:name', async ({ params }) =>
    application.graphs.read(graphName(params.name)),
  );

  api.put<{ Params: { name: string } }>('/graphs/:name', async ({ params, body }) => {
    const name = graphName(params.name);
    const { graph, revision } = parseBody(saveGraphSchema, body);
    return application.graphs.write(name, parseGraph(graph), revision);
  });

  api.post('/validate', async ({ body }): Promise<ValidateReply> => {
    const { graph, set } = parseBody(validateSchema, body);
    const { errors } = await application.runtime.validate(graph, set === undefined ? {} : { set });
    return { errors: errors.map((error) => error.toJSON()) };
  });
}

function graphName(name: string): string {
  if (GRAPH_NAME.test(name)) return name;
  throw new WeftError('server/bad-request', {
    expected: 'a name of letters, digits, _ and -, at most 64',
    where: 'the name in the address',
    received: describe(name),
  });
}
