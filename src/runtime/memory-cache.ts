/**
 * Results by content signature: bounded in bytes, least recently used out first, and each computed once at a time.
 * Knows nothing of nodes or runs.
 */
import type { WeftError } from '../errors.ts';
import type { Value } from '../protocol/value.ts';
import { outputsBytes } from './value-size.ts';

export type Outputs = Readonly<Record<string, Value>>;

/** How a computation that others wait for ended; `abandoned` means nobody knows, so they compute themselves. */
export type FlightEnd =
  | { readonly kind: 'made'; readonly outputs: Outputs }
  | { readonly kind: 'failed'; readonly error: WeftError }
  | { readonly kind: 'abandoned' };

export class MemoryCache {
  readonly #capacity: number;
  /** A Map keeps insertion order: the first entry is the least recently used. */
  readonly #entries = new Map<string, { readonly outputs: Outputs; readonly bytes: number }>();
  readonly #flights = new Map<string, ((end: FlightEnd) => void)[]>();
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(signature: string): Outputs | undefined {
    const entry = this.#entries.get(signature);
    if (entry === undefined) return undefined;
    this.#entries.delete(signature);
    this.#entries.set(signature, entry);
    return entry.outputs;
  }

  /** What is bigger than the whole cache is not kept. */
  set(signature: string, outputs: Outputs): void {
    const bytes = outputsBytes(outputs);
    const old = this.#entries.get(signature);
    if (old !== undefined) this.#drop(signature, old.bytes);
    if (bytes > this.#capacity) return;
    this.#entries.set(signature, { outputs, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#capacity) break;
      this.#drop(oldest, entry.bytes);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** True: the caller computes it and must call `land`. False: somebody does, and `waiter` hears how it ended. */
  takeOff(signature: string, waiter: (end: FlightEnd) => void): boolean {
    const waiting = this.#flights.get(signature);
    if (waiting !== undefined) {
      waiting.push(waiter);
      return false;
    }
    this.#flights.set(signature, []);
    return true;
  }

  /** Tells everybody who waits; what was made is kept. A second landing of the same flight is ignored by the waiters. */
  land(signature: string, end: FlightEnd): void {
    if (end.kind === 'made') this.set(signature, end.outputs);
    const waiting = this.#flights.get(signature);
    this.#flights.delete(signature);
    for (const waiter of waiting ?? []) waiter(end);
  }

  #drop(signature: string, bytes: number): void {
    this.#entries.delete(signature);
    this.#bytes -= bytes;
  }
}
