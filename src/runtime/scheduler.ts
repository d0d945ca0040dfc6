/**
 * Runs the steps and calls of one run: steps are short and synchronous, calls are promises, at most so many at a time.
 * Gives the event loop its turn every few milliseconds. Knows nothing of nodes.
 */

export interface SchedulerOptions {
  readonly concurrency: number;
  readonly sliceMilliseconds: number;
  /** Nothing is queued, nothing is under way: the run is finished, or must let something go on. */
  readonly onIdle: () => void;
  /** A step threw: a defect, never a node's failure. */
  readonly onDefect: (error: unknown) => void;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #steps = new Queue<() => void>();
  readonly #calls = new Queue<() => Promise<void>>();
  #calling = 0;
  #held = 0;
  #pumping = false;
  #deferred = false;
  #sliceStart = performance.now();
  #stopped = false;
  #onQuiet: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Calls under way, and things waited for. */
  get active(): number {
    return this.#calling + this.#held;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Does something short soon, in order. Safe at any depth: it never runs inside the caller. */
  soon(step: () => void): void {
    if (this.#stopped) return;
    this.#steps.push(step);
    this.#wake();
  }

  /** Starts an asynchronous call when its turn comes. It must not reject: it settles its own affairs. */
  call(start: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#calls.push(start);
    this.#wake();
  }

  /** Something outside is waited for (not counted against concurrency); the returned function ends the wait, once. */
  hold(): () => void {
    this.#held++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#held--;
      this.#left();
    };
  }

  /** Nothing new starts; what is under way is left to end by itself. */
  stop(): void {
    this.#stopped = true;
    this.#steps.clear();
    this.#calls.clear();
  }

  /** Resolves when no call is under way any more. Meant for after `stop`. */
  quiet(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onQuiet = resolve;
    });
  }

  #returned(): void {
    this.#calling--;
    this.#left();
  }

  #left(): void {
    if (this.active === 0) this.#onQuiet?.();
    this.#pump();
  }

  /** From outside the pump, starts it in a microtask: the caller's own work comes first. */
  #wake(): void {
    if (this.#pumping || this.#deferred) return;
    this.#deferred = true;
    queueMicrotask(() => {
      this.#deferred = false;
      this.#pump();
    });
  }

  #yield(): void {
    this.#deferred = true;
    setImmediate(() => {
      this.#deferred = false;
      this.#sliceStart = performance.now();
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#pumping || this.#deferred || this.#stopped) return;
    this.#pumping = true;
    const { concurrency, sliceMilliseconds, onIdle, onDefect } = this.#options;
    try {
      for (let count = 0; !this.#stopped; count++) {
        if (count % 8 === 0 && performance.now() - this.#sliceStart > sliceMilliseconds) {
          this.#yield();
          return;
        }
        const step = this.#steps.shift();
        if (step !== undefined) {
          step();
          continue;
        }
        const call = this.#calling < concurrency ? this.#calls.shift() : undefined;
        if (call !== undefined) {
          this.#calling++;
          call().then(
            () => this.#returned(),
            (error: unknown) => {
              onDefect(error);
              this.#returned();
            },
          );
          continue;
        }
        if (this.active > 0) return;
        onIdle();
        if (this.#steps.length === 0 && this.#calls.length === 0) return;
      }
    } catch (error) {
      onDefect(error);
    } finally {
      this.#pumping = false;
    }
  }
}

/** First in, first out, without moving the rest. */
class Queue<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first === this.#items.length) {
      this.#items = [];
      this.#first = 0;
    } else if (this.#first > 4096) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
  }
}
