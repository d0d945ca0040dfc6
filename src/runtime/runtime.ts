/**
 * The runtime: takes graphs, runs so many at a time, keeps finished runs for a while, owns the cache.
 * Receives the node registry and the services; knows neither nodes nor models itself.
 */
import { randomUUID } from 'node:crypto';
import { toWeftError, WeftError } from '../errors.ts';
import { invalidGraph, type NodeLookup, signGraph } from '../graph/index.ts';
import type { Graph } from '../protocol/graph-file.ts';
import type { ModelLookup } from '../protocol/model-info.ts';
import type { AnyNodeDefinition } from '../protocol/node.ts';
import type { Run, RunOptions, RunRecord, RuntimeApi, Validation } from '../protocol/run.ts';
import { Execution } from './execution.ts';
import { LiveRun } from './live-run.ts';
import { MemoryCache } from './memory-cache.ts';
import { type RuntimeLimits, withDefaults } from './options.ts';
import { Pacer } from './pacer.ts';
import { type Plan, planRun } from './plan.ts';
import { Preparation, type Submitted } from './prepare.ts';
import { RunShelf } from './run-shelf.ts';

export interface RuntimeOptions<S> extends Partial<RuntimeLimits> {
  readonly registry: ReadonlyMap<string, AnyNodeDefinition<S>>;
  readonly services: S;
  /** Looks models up before a graph that names them is checked; an absent model is no error here. */
  readonly modelsFor: (refs: readonly string[]) => Promise<ModelLookup>;
}

/** How long `close` waits for calls that do not heed their signal, milliseconds. */
const CLOSE_PATIENCE = 2000;

export class Runtime<S> implements RuntimeApi {
  readonly #registry: ReadonlyMap<string, AnyNodeDefinition<S>>;
  readonly #services: S;
  readonly #limits: RuntimeLimits;
  readonly #preparation: Preparation<S>;
  readonly #cache: MemoryCache;
  readonly #shelf: RunShelf<LiveRun>;
  readonly #live = new Map<string, LiveRun>();
  readonly #executions = new Set<Execution<S>>();
  /** Runs whose turn has not come. */
  readonly #waiting: { readonly run: LiveRun; readonly go: () => void }[] = [];
  /** Settles when all runs that were started so far have been checked. */
  #checks: Promise<unknown> = Promise.resolve();
  #running = 0;
  #isClosed = false;

  /** Throws `usage/bad-option` for a limit that is none. */
  constructor({ registry, services, modelsFor, ...limits }: RuntimeOptions<S>) {
    this.#registry = registry;
    this.#services = services;
    this.#limits = withDefaults(limits);
    this.#preparation = new Preparation(registry, modelsFor, this.#limits);
    this.#cache = new MemoryCache(this.#limits.cacheBytes);
    this.#shelf = new RunShelf(this.#limits.maxKeptRuns, this.#limits.keptBytes);
  }

  async validate(graph: unknown, options: Pick<RunOptions, 'set' | 'outputs'> = {}): Promise<Validation> {
    const submitted = this.#preparation.submit(graph, options);
    if (!('graph' in submitted)) return submitted;
    const { errors } = await this.#preparation.check(submitted);
    return { graph: submitted.graph, errors };
  }

  start(graph: unknown, options: RunOptions = {}): Run {
    const run = new LiveRun(randomUUID(), this.#limits.replayBytes);
    run.onEnd(() => {
      this.#live.delete(run.id);
      this.#shelf.put(run);
    });
    const underWay = this.#live.size;
    this.#live.set(run.id, run);
    const limit = this.#limits.maxRuns + this.#limits.maxWaitingRuns;
    if (this.#isClosed) run.cancel('the runtime was closed');
    else if (underWay >= limit) run.fail(new WeftError('run/too-many', { limit, received: underWay }));
    else this.#submit(run, graph, options);
    return run;
  }

  get(id: string): Run | undefined {
    return this.#live.get(id) ?? this.#shelf.get(id);
  }

  list(): readonly Run[] {
    return [...this.#shelf.list(), ...this.#live.values()];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const executions = [...this.#executions];
    for (const run of [...this.#live.values()]) run.cancel('the runtime was closed');
    const patience = new Promise<void>((resolve) => {
      setTimeout(resolve, CLOSE_PATIENCE).unref();
    });
    await Promise.race([Promise.all(executions.map((execution) => execution.quiet())), patience]);
    this.#cache.clear();
    this.#shelf.clear();
  }

  #submit(run: LiveRun, input: unknown, options: RunOptions): void {
    const submitted = this.#preparation.submit(input, options);
    if (!('graph' in submitted)) {
      const [only, ...more] = submitted.errors;
      run.fail(more.length === 0 && only !== undefined ? only : invalidGraph(submitted.errors));
      return;
    }
    const outputs = options.outputs ?? Object.keys(submitted.graph.outputs ?? {});
    run.emit({ type: 'run.queued', graph: submitted.graph.name, outputs });
    const { signal } = options;
    if (signal?.aborted === true) {
      run.cancel(reasonOf(signal));
      return;
    }
    if (signal !== undefined) {
      const cancel = (): void => run.cancel(reasonOf(signal));
      signal.addEventListener('abort', cancel, { once: true });
      run.onEnd(() => signal.removeEventListener('abort', cancel));
    }
    this.#carryOut(run, submitted, options).catch((error: unknown) => run.fail(toWeftError(error)));
  }

  async #carryOut(run: LiveRun, submitted: Submitted, options: RunOptions): Promise<void> {
    const { errors, lookup } = await this.#inOrder(this.#preparation.check(submitted));
    if (run.isEnded) return;
    if (errors.length > 0) {
      run.fail(invalidGraph(errors));
      return;
    }
    await this.#turn(run);
    if (run.isEnded) return;
    const pacer = new Pacer(this.#limits.sliceMilliseconds);
    const plan = await pacer.drive(planRun(submitted.graph, this.#registry, lookup, options.outputs));
    if (run.isEnded) return;
    await this.#execute(run, plan, lookup);
  }

  /** Settles as the check does, after those of all runs that were started before: nobody overtakes by a smaller graph. */
  async #inOrder<Result>(check: Promise<Result>): Promise<Result> {
    const before = this.#checks;
    const ended = check.then(
      () => undefined,
      () => undefined,
    );
    this.#checks = Promise.all([before, ended]);
    await before;
    return await check;
  }

  /** Resolves when the run may execute, or has ended before; its place is free again when it ends. */
  #turn(run: LiveRun): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#running++;
        run.onEnd(() => {
          this.#running--;
          this.#admit();
        });
        resolve();
      };
      if (this.#running < this.#limits.maxRuns) go();
      else {
        this.#waiting.push({ run, go });
        run.onEnd(resolve);
      }
    });
  }

  #admit(): void {
    while (this.#running < this.#limits.maxRuns) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!next.run.isEnded) next.go();
    }
  }

  async #execute(run: LiveRun, plan: Plan<S>, lookup: NodeLookup): Promise<void> {
    const execution = new Execution<S>({
      plan,
      services: this.#services,
      cache: this.#cache,
      limits: this.#limits,
      emit: (event) => run.emit(event),
    });
    const outcome = () => ({
      outputs: execution.outputs,
      failures: execution.failures,
      record: recordOf(plan.graph, lookup, execution.recordedNodes),
    });
    this.#executions.add(execution);
    run.begin(() => execution.stop(), outcome);
    // Calls that do not heed their signal keep the execution in the list that `close` waits for.
    run.onEnd(() => void execution.quiet().then(() => this.#executions.delete(execution)));
    run.emit({ type: 'run.started', nodes: plan.nodes.map(({ id }) => id) });
    try {
      await execution.run();
    } catch (defect) {
      execution.stop();
      throw defect;
    }
    const { fatal, failures } = execution;
    if (fatal === undefined) run.finish(failures.length);
    else run.fail(fatal);
  }
}

/** The signature of a big graph takes milliseconds: it is computed when somebody reads it. */
function recordOf(graph: Graph, lookup: NodeLookup, nodes: RunRecord['nodes']): RunRecord {
  let signature: string | undefined;
  return {
    graph: graph.name,
    get signature() {
      signature ??= signGraph(graph, lookup);
      return signature;
    },
    nodes,
  };
}

function reasonOf(signal: AbortSignal): string {
  const { reason } = signal;
  if (typeof reason === 'string') return reason;
  return reason instanceof Error && reason.name !== 'AbortError' ? reason.message : '';
}
