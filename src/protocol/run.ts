/**
 * The runtime as the server, the CLI and user code see it: start a run, follow its events, take its result.
 * Browser-safe leaf: interfaces only; src/runtime implements them.
 */
import type { ErrorShape, WeftError } from '../errors.ts';
import type { ItemRef, RunEvent } from './event.ts';
import type { Graph } from './graph-file.ts';
import type { ParamValue } from './param.ts';
import type { Value } from './value.ts';

export interface RunOptions {
  /** Values for the graph's declared inputs. Strings are converted as the parameter's kind says. */
  readonly set?: Readonly<Record<string, ParamValue>>;
  /** Names of the graph's outputs to make; all of them (and all sinks) when left out. */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface OutputItem {
  readonly item?: ItemRef;
  readonly value: Value;
}

export interface Failure {
  readonly node: string;
  readonly item?: ItemRef;
  readonly error: ErrorShape;
}

export interface RunResult {
  readonly run: string;
  readonly status: 'finished' | 'failed' | 'cancelled';
  /** By output name, in item order. */
  readonly outputs: Readonly<Record<string, readonly OutputItem[]>>;
  readonly failures: readonly Failure[];
  /** Set when status is `failed` or `cancelled`. */
  readonly error?: WeftError;
  readonly milliseconds: number;
  /** Of every node that ran: type, version, model hashes and parameters, for `--record`. */
  readonly record: RunRecord;
}

export interface RunRecord {
  readonly graph: string;
  readonly signature: string;
  readonly nodes: Readonly<
    Record<
      string,
      { type: string; version: number; params: Readonly<Record<string, ParamValue>>; fingerprint?: string }
    >
  >;
}

export type RunStatus = 'queued' | 'running' | RunResult['status'];

export interface Run {
  readonly id: string;
  readonly status: RunStatus;
  /** Never rejects: what went wrong is in the result. */
  readonly result: Promise<RunResult>;
  /** Events from number `from` (default 0) to the last one; those already past are replayed. */
  events(from?: number): AsyncIterable<RunEvent>;
  /** Same, by callback, without a promise per event: past events at once, then live. Returns an unsubscribe function. */
  subscribe(listener: (event: RunEvent) => void, from?: number): () => void;
  cancel(reason?: string): void;
}

export interface Validation {
  readonly graph?: Graph;
  readonly errors: readonly WeftError[];
}

export interface RuntimeApi {
  /** Parses (text or object), migrates and checks a graph; every error at once. */
  validate(graph: unknown, options?: Pick<RunOptions, 'set' | 'outputs'>): Promise<Validation>;
  /** Starts a run. A graph with errors gives a run that fails with `graph/invalid`. */
  start(graph: unknown, options?: RunOptions): Run;
  /** A run under way, or finished not long ago. */
  get(run: string): Run | undefined;
  list(): readonly Run[];
  /** Cancels what runs and frees the cache. */
  close(): Promise<void>;
}
