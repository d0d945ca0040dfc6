/** A run by the id a client gave, or the error for an unknown one. */
import { WeftError } from '../errors.ts';
import type { Run, RuntimeApi } from '../protocol/run.ts';

export function findRun(runtime: RuntimeApi, id: string): Run {
  const run = runtime.get(id);
  if (run === undefined) throw new WeftError('run/unknown-run', { run: id.slice(0, 80) });
  return run;
}
