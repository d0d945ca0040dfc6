/** /api/runs: start a graph, look at a run, cancel it. Translates only; events travel over the WebSocket. */
import type { FastifyInstance } from 'fastify';
import type { Application } from '../../protocol/application.ts';
import { isLastEvent, type RunEvent } from '../../protocol/event.ts';
import { type RunReply, type SubmitReply, submitSchema } from '../../protocol/http.ts';
import { valueToJson } from '../../protocol/json-value.ts';
import type { Run, RunResult } from '../../protocol/run.ts';
import { findRun } from '../find-run.ts';
import { parseBody } from '../request-body.ts';
import { runOptions } from '../run-options.ts';

export function runRoutes(api: FastifyInstance, { runtime }: Application): void {
  api.post('/runs', async ({ body }, reply): Promise<SubmitReply> => {
    const request = parseBody(submitSchema, body);
    const run = runtime.start(request.graph, runOptions(request));
    await refuseWhatDidNotStart(run);
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

/** A graph with errors is answered at once with all of them, not with a run that has already failed. */
async function refuseWhatDidNotStart(run: Run): Promise<void> {
  const first = await firstTelling(run);
  if (first?.type !== 'run.failed') return;
  const { error } = await run.result;
  if (error !== undefined) throw error;
}

/** The event that says whether the run got through the checks: anything but the queueing. */
async function firstTelling(run: Run): Promise<RunEvent | undefined> {
  for await (const event of run.events()) {
    if (event.type !== 'run.queued' || isLastEvent(event)) return event;
  }
  return undefined;
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
