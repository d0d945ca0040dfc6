/**
 * Reads an event log one event per `next`, waiting at its end. Written by hand instead of as a generator, because
 * `return` must end a wait at once: a client that goes away must not be remembered until the next event.
 */
import type { RunEvent } from '../protocol/event.ts';

export interface EventSource {
  readonly length: number;
  readonly ended: boolean;
  at(seq: number): RunEvent;
  /** Calls `listener` after each new event; the returned function stops it. */
  watch(listener: () => void): () => void;
}

type Step = IteratorResult<RunEvent, undefined>;

const END: Step = { done: true, value: undefined };

export class EventIterator implements AsyncIterableIterator<RunEvent, undefined> {
  readonly #source: EventSource;
  #next: number;
  #isDone = false;
  /** Callers of `next` who wait, first come first served. */
  readonly #waiting: ((step: Step) => void)[] = [];
  readonly #stop: () => void;

  constructor(source: EventSource, from: number) {
    this.#source = source;
    this.#next = Math.max(0, from);
    this.#stop = source.watch(() => this.#serve());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.#waiting.length === 0) {
      const step = this.#take();
      if (step !== undefined) return Promise.resolve(step);
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  return(): Promise<Step> {
    this.#end();
    return Promise.resolve(END);
  }

  #take(): Step | undefined {
    if (this.#isDone) return END;
    if (this.#next < this.#source.length) return { done: false, value: this.#source.at(this.#next++) };
    if (!this.#source.ended) return undefined;
    this.#end();
    return END;
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const step = this.#take();
      if (step === undefined) return;
      this.#waiting.shift()?.(step);
    }
  }

  #end(): void {
    this.#isDone = true;
    this.#stop();
    for (const resolve of this.#waiting.splice(0)) resolve(END);
  }
}
