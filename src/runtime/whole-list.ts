/**
 * One list on its way to an input that takes it whole. Items that failed are left out; lists that come from one
 * emitter stay aligned, so an item missing in one is left out of all.
 */
import { ItemStream, type Slot } from './item-stream.ts';

export class WholeList {
  readonly #stream: ItemStream;
  readonly #complete: () => void;
  #unsettled = 0;
  #settledEarly = 0;
  #told = false;

  constructor(stream: ItemStream, complete: () => void) {
    this.#stream = stream;
    this.#complete = complete;
    stream.addReader({
      settled: () => {
        this.#settledEarly++;
        this.#check();
      },
      ended: () => {
        this.#unsettled = stream.slots.length;
        this.#check();
      },
    });
  }

  /** The slots to use, list by list; undefined when a list lost every item, or broke before it had any. */
  static align(lists: readonly WholeList[]): (readonly Slot[])[] | undefined {
    const good = lists.map(
      (list) => new Set(list.#stream.slots.filter(({ state }) => state === 'ready').map(({ index }) => index)),
    );
    const kept = lists.map((list, position) => {
      const companions = good.filter((_, other) => isAligned(list.#stream, lists[other]!.#stream));
      const all = companions.length > 0 ? companions : [good[position]!];
      return list.#stream.slots.filter(({ index }) => all.every((indices) => indices.has(index)));
    });
    const isLost = kept.some((slots, position) => {
      const { slots: all, isBroken } = lists[position]!.#stream;
      return slots.length === 0 && (all.length > 0 || isBroken);
    });
    return isLost ? undefined : kept;
  }

  release(): void {
    for (const slot of this.#stream.slots) ItemStream.release(slot);
  }

  #check(): void {
    if (this.#told || !this.#stream.ended || this.#settledEarly < this.#unsettled) return;
    this.#told = true;
    this.#complete();
  }
}

function isAligned(a: ItemStream, b: ItemStream): boolean {
  if (a === b) return true;
  return (
    a.origins.size > 0 && a.origins.size === b.origins.size && [...a.origins].every((origin) => b.origins.has(origin))
  );
}
