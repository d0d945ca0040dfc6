/** A submit request, of HTTP or WebSocket, as options of the runtime. */
import type { SubmitRequest } from '../protocol/http.ts';
import type { RunOptions } from '../protocol/run.ts';

export function runOptions({ set, outputs }: Pick<SubmitRequest, 'set' | 'outputs'>): RunOptions {
  return { ...(set === undefined ? {} : { set }), ...(outputs === undefined ? {} : { outputs }) };
}
