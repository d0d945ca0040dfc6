/**
 * Back-pressure of one emitter: how many of its items are on their way through the nodes that map them.
 * Counts only; the emitter asks before it pulls the next item and is told when it may go on.
 */

export interface LookAheadLimits {
  readonly items: number;
  readonly bytes: number;
}

export class LookAhead {
  #items: number;
  #bytes: number;
  /** Nodes that must finish each item before it is through. */
  readonly #nodes: number;
  readonly #open = new Map<number, { left: number; bytes: number }>();
  #openBytes = 0;
  #resume: (() => void) | undefined;

  constructor(limits: LookAheadLimits, nodes: number) {
    this.#items = Math.max(1, limits.items);
    this.#bytes = limits.bytes;
    this.#nodes = nodes;
  }

  get open(): number {
    return this.#open.size;
  }

  get isPaused(): boolean {
    return this.#resume !== undefined;
  }

  /** An item set out; `done` must follow once from each node and once from the emitter itself. */
  add(index: number): void {
    this.#open.set(index, { left: this.#nodes + 1, bytes: 0 });
  }

  weigh(index: number, bytes: number): void {
    const item = this.#open.get(index);
    if (item === undefined) return;
    item.bytes += bytes;
    this.#openBytes += bytes;
  }

  done(index: number): void {
    const item = this.#open.get(index);
    if (item === undefined) return;
    item.left--;
    if (item.left > 0) return;
    this.#open.delete(index);
    this.#openBytes -= item.bytes;
    this.#tryResume();
  }

  /** Calls `resume` now or as soon as there is room. */
  whenRoom(resume: () => void): void {
    this.#resume = resume;
    this.#tryResume();
  }

  /**
   * Nothing moves and this emitter is held back: some node needs more items before it can go on (it reads one list
   * both whole and item by item, say). Doubling keeps such waits few.
   */
  widen(): void {
    this.#items *= 2;
    this.#bytes *= 2;
    this.#tryResume();
  }

  #tryResume(): void {
    const resume = this.#resume;
    if (resume === undefined) return;
    if (this.#open.size >= this.#items || (this.#open.size > 0 && this.#openBytes >= this.#bytes)) return;
    this.#resume = undefined;
    resume();
  }
}
