/**
 * The main thread's side of one ONNX thread: one request at a time, in order; waiting ones can still be withdrawn.
 * Knows requests and replies, not sessions. A thread that dies rejects what it had and can be asked again: it restarts.
 */
import type { Worker } from 'node:worker_threads';
import { type ErrorCode, isErrorCode, WeftError } from '../../errors.ts';
import { startThread } from '../thread.ts';
import type { OnnxReply, OnnxRequest, ThreadData } from './message.ts';
import { postMoving } from './post-moving.ts';

/** Longer than any operator takes; a thread that hangs must not hold the process for ever. */
const EXIT_WAIT_MILLISECONDS = 60_000;

interface Job {
  /** Set when its caller has gone: its result is dropped and it keeps nothing alive. */
  abandoned: boolean;
  readonly model: string;
  /** Made when its turn comes, so that a run cancelled while waiting keeps its buffers. */
  readonly make: () => { request: OnnxRequest; moving: readonly ArrayBufferView[] };
  readonly resolve: (reply: OnnxReply) => void;
  readonly reject: (error: WeftError) => void;
}

export interface AskOptions {
  /** Names the model in errors. */
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
}

export class WorkerThread {
  /** Counts the deaths: what was loaded under an older number is gone. */
  generation = 0;
  readonly #entry: URL;
  #worker: Worker | undefined;
  #current: Job | undefined;
  readonly #waiting: Job[] = [];
  /** 1 from a request's departure until the thread has answered it. */
  readonly #busy = new Int32Array(new SharedArrayBuffer(4));
  #closed = false;

  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** Requests under way and waiting. */
  get load(): number {
    return this.#waiting.length + (this.#current === undefined ? 0 : 1);
  }

  /** Rejects at once when the signal fires; what the thread then still sends back is dropped. */
  ask(make: Job['make'], { model, signal }: AskOptions): Promise<OnnxReply> {
    if (this.#closed) return Promise.reject(new WeftError('run/cancelled', { reason: ': its thread pool was closed' }));
    if (signal?.aborted) return Promise.reject(cancelled(signal));
    return new Promise((resolve, reject) => {
      const withdraw = (): void => {
        const place = this.#waiting.indexOf(job);
        if (place >= 0) this.#waiting.splice(place, 1);
        job.abandoned = true;
        reject(cancelled(signal));
        this.#keepAlive();
      };
      const settle = (): void => signal?.removeEventListener('abort', withdraw);
      const job: Job = {
        abandoned: false,
        model,
        make,
        resolve: (reply) => {
          settle();
          resolve(reply);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener('abort', withdraw, { once: true });
      this.#waiting.push(job);
      this.#next();
    });
  }

  /**
   * Rejects everything with `run/cancelled`, then waits until the thread has ended by itself. It is never terminated:
   * ending a thread while ONNX Runtime runs in it ends the whole process.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const error = new WeftError('run/cancelled', { reason: ': its thread pool was closed' });
    for (const job of [this.#current, ...this.#waiting.splice(0)]) job?.reject(error);
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.ref();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ kind: 'close' } satisfies OnnxRequest);
    await ended;
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startThread(this.#entry, { workerData: { busy: this.#busy } satisfies ThreadData });
    process.on('exit', this.#waitBeforeExit);
    worker.on('message', (reply: OnnxReply) => this.#finish(reply));
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', () => this.#died(worker));
    this.#worker = worker;
    return worker;
  }

  #next(): void {
    if (this.#current === undefined) {
      const job = this.#waiting.shift();
      if (job !== undefined) this.#send(job);
    }
    this.#keepAlive();
  }

  #send(job: Job): void {
    try {
      const worker = this.#start();
      const { request, moving } = job.make();
      this.#current = job;
      Atomics.store(this.#busy, 0, 1);
      postMoving(worker, request, moving);
    } catch (thrown) {
      this.#current = undefined;
      job.reject(thrown instanceof WeftError ? thrown : new WeftError('internal', {}, { cause: thrown }));
      queueMicrotask(() => this.#next());
    }
  }

  #finish(reply: OnnxReply): void {
    const job = this.#current;
    this.#current = undefined;
    if (!this.#closed) this.#next();
    if (reply.kind !== 'failed') job?.resolve(reply);
    else {
      const code: ErrorCode = isErrorCode(reply.code) ? reply.code : 'internal';
      job?.reject(new WeftError(code, reply.details));
    }
  }

  /** What waits is rejected too: its session died with the thread, and the pool loads it again when asked again. */
  #died(worker: Worker, cause?: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    process.off('exit', this.#waitBeforeExit);
    Atomics.store(this.#busy, 0, 0);
    this.generation++;
    const jobs = [this.#current, ...this.#waiting.splice(0)];
    this.#current = undefined;
    for (const job of jobs) {
      job?.reject(new WeftError('model/run-failed', { model: job.model, reason: 'its thread stopped' }, { cause }));
    }
  }

  /** `process.exit()` terminates threads, and one that is inside ONNX Runtime would abort the process: wait for it. */
  readonly #waitBeforeExit = (): void => {
    Atomics.wait(this.#busy, 0, 1, EXIT_WAIT_MILLISECONDS);
  };

  /** An idle thread must not keep the CLI from ending; a busy one must. */
  #keepAlive(): void {
    const wanted = this.#waiting.length > 0 || this.#current?.abandoned === false;
    if (wanted) this.#worker?.ref();
    else this.#worker?.unref();
  }
}

function cancelled(signal: AbortSignal | undefined): WeftError {
  return new WeftError('run/cancelled', { reason: '' }, { cause: signal?.reason });
}
