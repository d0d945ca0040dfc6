/**
 * What one node of a run has made so far: slots in item order, each settled once, and who must be told.
 * A node that was not mapped has one slot without a key. Telling goes through the scheduler, never deeper into the stack.
 */
import type { ItemRef } from '../protocol/event.ts';
import type { Outputs } from './memory-cache.ts';

export interface Slot {
  readonly index: number;
  /** Undefined for the one slot of a node that was not mapped. */
  readonly key: string | undefined;
  state: 'waiting' | 'ready' | 'failed';
  /** Content signature, once ready. */
  signature: string;
  /** Gone once every reader is done with it. */
  outputs: Outputs | undefined;
  readers: number;
}

export interface StreamReader {
  /** A slot exists; its value is still to come. Not told for a stream that is no list. */
  opened?(): void;
  settled(slot: Slot): void;
  /** No slot will follow. */
  ended?(): void;
}

export class ItemStream {
  readonly node: string;
  readonly isList: boolean;
  /** The emitters whose items these are, index by index; streams of one origin are aligned. */
  readonly origins: ReadonlySet<string>;
  readonly slots: Slot[] = [];
  #ended = false;
  #isBroken = false;
  readonly #readers: StreamReader[] = [];
  readonly #soon: (step: () => void) => void;

  constructor(node: string, isList: boolean, origins: ReadonlySet<string>, soon: (step: () => void) => void) {
    this.node = node;
    this.isList = isList;
    this.origins = origins;
    this.#soon = soon;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Set at its end when items may be missing, because what makes them failed as a whole. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Before anything is opened. */
  addReader(reader: StreamReader): void {
    this.#readers.push(reader);
  }

  open(key: string | undefined): Slot {
    const slot: Slot = {
      index: this.slots.length,
      key,
      state: 'waiting',
      signature: '',
      outputs: undefined,
      readers: this.#readers.length,
    };
    this.slots.push(slot);
    if (this.isList) this.#tell('opened');
    return slot;
  }

  settle(slot: Slot, made: { readonly signature: string; readonly outputs: Outputs } | undefined): void {
    slot.state = made === undefined ? 'failed' : 'ready';
    if (made !== undefined) {
      slot.signature = made.signature;
      if (slot.readers > 0) slot.outputs = made.outputs;
    }
    for (const reader of this.#readers) this.#soon(() => reader.settled(slot));
  }

  end(isBroken: boolean): void {
    this.#ended = true;
    this.#isBroken = isBroken;
    this.#tell('ended');
  }

  #tell(what: 'opened' | 'ended'): void {
    for (const reader of this.#readers) if (reader[what] !== undefined) this.#soon(() => reader[what]?.());
  }

  /** One reader needs the slot's value no more. */
  static release(slot: Slot): void {
    slot.readers--;
    if (slot.readers <= 0) slot.outputs = undefined;
  }
}

export function itemOf(slot: Slot): ItemRef | undefined {
  return slot.key === undefined ? undefined : { index: slot.index, key: slot.key };
}
