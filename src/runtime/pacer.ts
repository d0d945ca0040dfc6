/** Cuts long synchronous work into slices, so that timers, sockets and other runs get their turn in between. */

export class Pacer {
  readonly #slice: number;
  #since = performance.now();

  constructor(sliceMilliseconds: number) {
    this.#slice = sliceMilliseconds;
  }

  /** Undefined while the slice lasts: awaiting nothing costs nothing. */
  pause(): Promise<void> | undefined {
    if (performance.now() - this.#since < this.#slice) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#since = performance.now();
        resolve();
      });
    });
  }

  /** Runs a generator to its end, pausing at its yields. */
  async drive<Y, R>(steps: Generator<Y, R>, each: (value: Y) => void = () => {}): Promise<R> {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      each(step.value);
      const pause = this.pause();
      if (pause !== undefined) await pause;
    }
  }
}
