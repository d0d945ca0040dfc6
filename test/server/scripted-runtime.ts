/** A runtime whose runs do what the test says: real event logs, no nodes. For what a real run cannot be made to do on cue. */
import { toWeftError, WeftError } from '../../src/errors.ts';
import type { RunEventBody } from '../../src/protocol/event.ts';
import type { Run, RunOptions, RunResult, RunStatus, RuntimeApi, Validation } from '../../src/protocol/run.ts';
import { EventLog } from '../../src/runtime/event-log.ts';

export class ScriptedRun implements Run {
  readonly id: string;
  readonly graph: unknown;
  readonly options: RunOptions;
  readonly log: EventLog;
  status: RunStatus = 'running';
  readonly result: Promise<RunResult>;
  #settle: (result: RunResult) => void = () => {};

  constructor(id: string, graph: unknown, options: RunOptions) {
    this.id = id;
    this.graph = graph;
    this.options = options;
    this.log = new EventLog(id, 1 << 30);
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.emit({ type: 'run.queued', graph: 'scripted', outputs: [] });
  }

  emit(body: RunEventBody): void {
    this.log.emit(body);
  }

  finish(result: Partial<RunResult> = {}): void {
    this.#end({ type: 'run.finished', failures: result.failures?.length ?? 0, milliseconds: 1 }, 'finished', result);
  }

  fail(error: WeftError): void {
    this.#end({ type: 'run.failed', error: error.toJSON() }, 'failed', { error });
  }

  cancel(reason = ''): void {
    const error = new WeftError('run/cancelled', { reason: ` (${reason})` });
    this.#end({ type: 'run.cancelled', reason }, 'cancelled', { error });
  }

  events = (from?: number) => this.log.iterate(from);
  subscribe: Run['subscribe'] = (listener, from) => this.log.subscribe(listener, from);

  #end(event: RunEventBody, status: RunResult['status'], result: Partial<RunResult>): void {
    this.status = status;
    this.emit(event);
    const record = { graph: 'scripted', signature: '', nodes: {} };
    this.#settle({ run: this.id, status, outputs: {}, failures: [], milliseconds: 1, record, ...result });
  }
}

export type Script = (run: ScriptedRun) => void;

export class ScriptedRuntime implements RuntimeApi {
  readonly runs = new Map<string, ScriptedRun>();
  /** What a run does when it starts. */
  script: Script = (run) => run.finish();
  validation: Validation = { errors: [] };
  validated: unknown[] = [];

  start(graph: unknown, options: RunOptions = {}): ScriptedRun {
    const run = new ScriptedRun(`run-${this.runs.size + 1}`, graph, options);
    this.runs.set(run.id, run);
    this.script(run);
    return run;
  }

  get last(): ScriptedRun {
    const run = [...this.runs.values()].at(-1);
    if (run === undefined) throw toWeftError(new Error('no run was started'));
    return run;
  }

  async validate(graph: unknown, options?: object): Promise<Validation> {
    this.validated.push({ graph, options });
    return this.validation;
  }

  get(id: string): Run | undefined {
    return this.runs.get(id);
  }

  list(): readonly Run[] {
    return [...this.runs.values()];
  }

  async close(): Promise<void> {}
}
