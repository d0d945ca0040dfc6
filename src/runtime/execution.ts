/**
 * One plan being carried out: wires the tasks, collects requested outputs and failures, and knows when all is done.
 * Tells events through its caller; owns no run state that a person sees.
 */
import { setMaxListeners } from 'node:events';
import { toWeftError, WeftError } from '../errors.ts';
import type { ItemRef, RunEventBody } from '../protocol/event.ts';
import type { Failure, OutputItem, RunRecord } from '../protocol/run.ts';
import { CallTask } from './call-task.ts';
import { EmitTask } from './emit-task.ts';
import { ItemStream, itemOf } from './item-stream.ts';
import type { LookAhead } from './look-ahead.ts';
import type { MemoryCache } from './memory-cache.ts';
import type { RuntimeLimits } from './options.ts';
import type { Plan } from './plan.ts';
import type { RunHost } from './run-host.ts';
import { Scheduler } from './scheduler.ts';
import type { NodeTask } from './task.ts';

export interface ExecutionOptions<S> {
  readonly plan: Plan<S>;
  readonly services: S;
  readonly cache: MemoryCache;
  readonly limits: RuntimeLimits;
  readonly emit: (event: RunEventBody) => void;
}

export class Execution<S> {
  readonly #plan: Plan<S>;
  readonly #host: RunHost<S>;
  readonly #controller = new AbortController();
  readonly #tasks = new Map<string, NodeTask>();
  readonly #lookAheads = new Map<string, LookAhead>();
  readonly #outputs: Record<string, OutputItem[]> = {};
  readonly #failures: Failure[] = [];
  /** Requested outputs and sinks that made nothing although something failed. */
  readonly #made = new Set<string>();
  #firstError: WeftError | undefined;
  #finish: () => void = () => {};
  #defect: ((error: WeftError) => void) | undefined;

  constructor({ plan, services, cache, limits, emit }: ExecutionOptions<S>) {
    this.#plan = plan;
    // Every call of a run may listen to the one signal.
    setMaxListeners(0, this.#controller.signal);
    const scheduler = new Scheduler({
      concurrency: limits.concurrency,
      sliceMilliseconds: limits.sliceMilliseconds,
      onIdle: () => this.#idle(),
      onDefect: (error) => this.#defect?.(toWeftError(error)),
    });
    this.#host = {
      scheduler,
      cache,
      flights: new Set(),
      limits,
      services,
      signal: this.#controller.signal,
      emit,
      fail: (node, item, error) => this.#fail(node, item, error),
      through: (emitters, index) => {
        for (const emitter of emitters) this.#lookAheads.get(emitter)?.done(index);
      },
    };
  }

  get outputs(): Readonly<Record<string, readonly OutputItem[]>> {
    return Object.fromEntries(Object.entries(this.#outputs).map(([name, items]) => [name, items.filter(() => true)]));
  }

  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** The error that left nothing of what was asked, or undefined when something was made. */
  get fatal(): WeftError | undefined {
    const wanted = [
      ...Object.keys(this.#plan.outputs).map((name) => `output ${name}`),
      ...this.#plan.sinks.map((id) => `sink ${id}`),
    ];
    return wanted.some((target) => this.#made.has(target)) ? undefined : this.#firstError;
  }

  /** Of every planned node: enough to see later what ran. */
  get recordedNodes(): RunRecord['nodes'] {
    return Object.fromEntries(
      this.#plan.nodes.map(({ id, definition, params }) => {
        const fingerprint = this.#tasks.get(id)?.fingerprint;
        const record = { type: definition.type, version: definition.version, params };
        return [id, fingerprint === undefined ? record : { ...record, fingerprint }];
      }),
    );
  }

  /** Resolves when everything is made or failed; never, when stopped. Rejects only for a defect of the runtime. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#defect = reject;
      this.#wire();
      for (const task of this.#tasks.values()) this.#host.scheduler.soon(() => task.start());
      // A plan without nodes has nothing that would ever become idle.
      this.#host.scheduler.soon(() => {});
    });
  }

  /** Calls are told through their signal; whoever waits for their results elsewhere goes on alone. */
  stop(): void {
    const { scheduler, cache, flights } = this.#host;
    scheduler.stop();
    for (const task of this.#tasks.values()) task.stop();
    this.#controller.abort();
    for (const signature of [...flights]) {
      flights.delete(signature);
      cache.land(signature, { kind: 'abandoned' });
    }
  }

  /** Resolves when no call is under way any more. */
  quiet(): Promise<void> {
    return this.#host.scheduler.quiet();
  }

  #wire(): void {
    const { nodes, outputs, sinks } = this.#plan;
    const streams = new Map<string, ItemStream>();
    const mappers = new Map<string, number>();
    for (const { mappedOver } of nodes)
      for (const origin of mappedOver) mappers.set(origin, (mappers.get(origin) ?? 0) + 1);
    const soon = (step: () => void): void => this.#host.scheduler.soon(step);
    for (const planned of nodes) {
      const { id, isList, origins } = planned;
      const stream = new ItemStream(id, isList, origins, soon);
      if (planned.definition.emitsList === true) {
        const task = new EmitTask(this.#host, planned, streams, stream, mappers.get(id) ?? 0);
        this.#lookAheads.set(id, task.lookAhead);
        this.#tasks.set(id, task);
      } else this.#tasks.set(id, new CallTask(this.#host, planned, streams, stream));
      streams.set(id, stream);
    }
    for (const [name, [node, output]] of Object.entries(outputs)) this.#collect(name, streams.get(node)!, output);
    for (const id of sinks) this.#watch(`sink ${id}`, streams.get(id)!);
  }

  #collect(name: string, stream: ItemStream, output: string): void {
    const items: OutputItem[] = [];
    this.#outputs[name] = items;
    stream.addReader({
      settled: (slot) => {
        const value = slot.outputs?.[output];
        if (value !== undefined) {
          const item = itemOf(slot);
          // In item order, whatever the order of arrival; failed items leave holes.
          items[slot.index] = item === undefined ? { value } : { item, value };
          this.#made.add(`output ${name}`);
        }
        ItemStream.release(slot);
      },
    });
  }

  #watch(target: string, stream: ItemStream): void {
    stream.addReader({
      settled: (slot) => {
        if (slot.state === 'ready') this.#made.add(target);
        ItemStream.release(slot);
      },
    });
  }

  #fail(node: string, item: ItemRef | undefined, error: WeftError): void {
    this.#firstError ??= error;
    const place = item === undefined ? { node } : { node, item };
    const shape = error.toJSON();
    this.#failures.push({ ...place, error: shape });
    this.#host.emit({ type: 'node.failed', ...place, error: shape });
  }

  #idle(): void {
    const unfinished = [...this.#tasks.values()].filter((task) => !task.isFinished);
    if (unfinished.length === 0) {
      this.#finish();
      return;
    }
    const calls = unfinished.filter((task) => !(task instanceof EmitTask));
    if (calls.some((task) => task.hurry())) return;
    const emitters = unfinished.filter((task) => task instanceof EmitTask).map((task) => task.hurry());
    if (!emitters.includes(true)) this.#defect?.(new WeftError('internal', { nodes: [...this.#tasks.keys()].length }));
  }
}
