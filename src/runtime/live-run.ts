/** One run as its owner sees it: status, events, result, cancellation. What is computed is execution.ts's affair. */
import { WeftError } from '../errors.ts';
import type { RunEvent, RunEventBody } from '../protocol/event.ts';
import type { Run, RunRecord, RunResult, RunStatus } from '../protocol/run.ts';
import { EventLog } from './event-log.ts';
import { valueBytes } from './value-size.ts';

/** What a run can tell of its work when it ends. */
export interface RunOutcome {
  readonly outputs: RunResult['outputs'];
  readonly failures: RunResult['failures'];
  readonly record: RunRecord;
}

const NOTHING: RunOutcome = { outputs: {}, failures: [], record: { graph: '', signature: '', nodes: {} } };

export class LiveRun implements Run {
  readonly id: string;
  readonly result: Promise<RunResult>;
  readonly #log: EventLog;
  readonly #since = performance.now();
  #status: RunStatus = 'queued';
  #resolve: (result: RunResult) => void = () => {};
  #outcome: () => RunOutcome = () => NOTHING;
  #stop: () => void = () => {};
  #ended: () => void = () => {};
  #resultBytes = 0;

  constructor(id: string, replayBytes: number) {
    this.id = id;
    this.#log = new EventLog(id, replayBytes);
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get status(): RunStatus {
    return this.#status;
  }

  get isEnded(): boolean {
    return this.#log.ended;
  }

  /** Bytes that keeping this run keeps. */
  get heldBytes(): number {
    return this.#log.heldBytes + this.#resultBytes;
  }

  events(from?: number): AsyncIterable<RunEvent> {
    return this.#log.iterate(from);
  }

  subscribe(listener: (event: RunEvent) => void, from?: number): () => void {
    return this.#log.subscribe(listener, from);
  }

  cancel(reason?: string): void {
    if (this.isEnded) return;
    this.#stop();
    const text = reason === undefined || reason === '' ? '' : reason;
    const error = new WeftError('run/cancelled', { reason: text === '' ? '' : `: ${text}` });
    this.#end('cancelled', { type: 'run.cancelled', reason: text }, error);
  }

  emit(event: RunEventBody): void {
    this.#log.emit(event);
  }

  /** Called once, when the run ends in any way. */
  onEnd(ended: () => void): void {
    const before = this.#ended;
    this.#ended = () => {
      before();
      ended();
    };
  }

  /** From now on the run has work: how to stop it, and what it has made so far. */
  begin(stop: () => void, outcome: () => RunOutcome): void {
    this.#status = 'running';
    this.#stop = stop;
    this.#outcome = outcome;
  }

  finish(failures: number): void {
    const milliseconds = performance.now() - this.#since;
    this.#end('finished', { type: 'run.finished', failures, milliseconds }, undefined);
  }

  fail(error: WeftError): void {
    this.#end('failed', { type: 'run.failed', error: error.toJSON() }, error);
  }

  #end(status: RunResult['status'], event: RunEventBody, error: WeftError | undefined): void {
    if (this.isEnded) return;
    this.#status = status;
    const outcome = this.#outcome();
    const milliseconds = performance.now() - this.#since;
    for (const items of Object.values(outcome.outputs)) {
      for (const { value } of items) this.#resultBytes += valueBytes(value);
    }
    this.#resolve({
      run: this.id,
      status,
      ...spread(outcome),
      ...(error === undefined ? {} : { error }),
      milliseconds,
    });
    this.#log.emit(event);
    const ended = this.#ended;
    // A kept run must not keep its execution, nor the values in it.
    this.#stop = () => {};
    this.#outcome = () => NOTHING;
    this.#ended = () => {};
    ended();
  }
}

/** The record stays the object that it is: its signature is computed when somebody reads it. */
function spread({ outputs, failures, record }: RunOutcome): RunOutcome {
  return { outputs, failures, record };
}
