/** What the tasks of one run share: its scheduler, cache, limits and services, and where to tell what happened. */
import type { WeftError } from '../errors.ts';
import type { ItemRef, RunEventBody } from '../protocol/event.ts';
import type { MemoryCache } from './memory-cache.ts';
import type { RuntimeLimits } from './options.ts';
import type { Scheduler } from './scheduler.ts';

export interface RunHost<S> {
  readonly scheduler: Scheduler;
  readonly cache: MemoryCache;
  /** Signatures that this run computes and others may wait for. */
  readonly flights: Set<string>;
  readonly limits: RuntimeLimits;
  readonly services: S;
  readonly signal: AbortSignal;
  emit(event: RunEventBody): void;
  /** Something could not be made; told as `node.failed` and kept for the result. */
  fail(node: string, item: ItemRef | undefined, error: WeftError): void;
  /** A node is through with an item of these emitters. */
  through(emitters: ReadonlySet<string>, index: number): void;
}
