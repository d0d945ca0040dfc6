/** Finished runs, kept for a while: so many, and so many bytes of values; the oldest goes first. */

export interface Kept {
  readonly id: string;
  readonly heldBytes: number;
}

export class RunShelf<R extends Kept> {
  readonly #maxRuns: number;
  readonly #maxBytes: number;
  readonly #runs = new Map<string, R>();
  #bytes = 0;

  constructor(maxRuns: number, maxBytes: number) {
    this.#maxRuns = maxRuns;
    this.#maxBytes = maxBytes;
  }

  get(id: string): R | undefined {
    return this.#runs.get(id);
  }

  list(): R[] {
    return [...this.#runs.values()];
  }

  /** The newest run stays even when it alone is over the bytes: its owner is about to ask for it. */
  put(run: R): void {
    this.#runs.set(run.id, run);
    this.#bytes += run.heldBytes;
    for (const [id, oldest] of this.#runs) {
      if (id === run.id || (this.#runs.size <= this.#maxRuns && this.#bytes <= this.#maxBytes)) return;
      this.#runs.delete(id);
      this.#bytes -= oldest.heldBytes;
    }
  }

  clear(): void {
    this.#runs.clear();
    this.#bytes = 0;
  }
}
