/** /api/runs: start a graph, look at a run, cancel it. Translates only; events travel over the WebSocket. */
import type { FastifyInstance } from 'fastify';
import { invalidGraph } from '../../graph/index.ts';
import type { Application } from '../../protocol/application.ts';
import { type RunReply, type SubmitReply, submitSchema } from '../../protocol/http.ts';
import { valueToJson } from '../../protocol/json-value.ts';
import type { RunResult } from '../../protocol/run.ts';
import { findRun } from '../find-run.ts';
import { parseBody } from '../request-body.ts';
import { runOptions } from '../run-options.ts';

export function runRoutes(api: FastifyInstance, { runtime }: Application): void {
  api.post('/runs', async ({ body }, reply): Promise<SubmitReply> => {
    const { graph, ...options } = parseBody(submitSchema, body);
    // A graph with errors is answered at once with all of them, not with a run that has already failed.
    const { errors } = await runtime.validate(graph, runOptions(options));
    if (errors.length > 0) throw invalidGraph(errors);
    const run = runtime.start(graph, runOptions(options));
    if (run.status === 'failed') throw (await run.result).error;
    reply.status(202).header('location', `/api/runs/${encodeURIComponent(run.id)}`);
    return { run: run.id };
  });

  api.get<{ Params: { id: string } }>('/runs/:id', async ({ params }): Promise<RunReply> => {
    const run = findRun(runtime, params.id);
    if (run.status === 'queued' || run.status === 'running') {
      return { run: run.id, status: run.status, outputs: {}, failures: [] };
    }
    return resultReply(await run.result);
  });

  api.delete<{ Params: { id: string } }>('/runs/:id', async ({ params }, reply) => {
    findRun(runtime, params.id).cancel('asked over HTTP');
    return reply.status(204).send();
  });
}

function resultReply({ run, status, outputs, failures, error }: RunResult): RunReply {
  const reply: RunReply = {
    run,
    status,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, items]) => [
        name,
        items.map(({ item, value }) => ({ ...(item === undefined ? {} : { item }), value: valueToJson(value) })),
      ]),
    ),
    failures,
  };
  return error === undefined ? reply : { ...reply, error: error.toJSON() };
}
