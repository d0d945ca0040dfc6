/**
 * The events of one run: numbered without gaps, kept for replay, handed to any number of readers.
 * No promise per event for callback readers. Values of old outputs lose their arrays beyond a byte budget.
 */
import { isLastEvent, type RunEvent, type RunEventBody } from '../protocol/event.ts';
import { EventIterator, type EventSource } from './event-iterator.ts';
import { releaseValue } from './release-value.ts';
import { valueBytes } from './value-size.ts';

/** Values below this are kept whole: what JSON would show in full must stay. */
const SMALL_BYTES = 32 * 1024;

type Listener = (event: RunEvent) => void;

interface Reader {
  readonly listener: Listener;
  next: number;
  /** Set while its listener runs: an event emitted from inside is delivered by the loop that is already there. */
  busy: boolean;
}

export class EventLog implements EventSource {
  readonly #run: string;
  readonly #budget: number;
  readonly #events: RunEvent[] = [];
  readonly #readers = new Set<Reader>();
  /** Sequence numbers and bytes of big values still held, oldest first. */
  #held: { readonly seq: number; readonly bytes: number }[] = [];
  #heldFrom = 0;
  #heldBytes = 0;
  #ended = false;

  constructor(run: string, budget: number) {
    this.#run = run;
    this.#budget = budget;
  }

  get length(): number {
    return this.#events.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes of big values that replay still holds. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Nothing follows the last event: what comes late is dropped. */
  emit(body: RunEventBody): void {
    if (this.#ended) return;
    const event = { ...body, run: this.#run, seq: this.#events.length, time: Date.now() } as RunEvent;
    this.#events.push(event);
    if (event.type === 'node.output') this.#hold(event.seq, valueBytes(event.value));
    if (isLastEvent(event)) this.#ended = true;
    for (const reader of this.#readers) this.#deliver(reader);
    if (this.#ended) this.#readers.clear();
  }

  /** Past events at once, then live ones; the returned function stops it. */
  subscribe(listener: Listener, from = 0): () => void {
    const reader: Reader = { listener, next: Math.max(0, from), busy: false };
    this.#readers.add(reader);
    this.#deliver(reader);
    if (this.#ended) this.#readers.delete(reader);
    return () => {
      reader.next = Number.POSITIVE_INFINITY;
      this.#readers.delete(reader);
    };
  }

  iterate(from = 0): EventIterator {
    return new EventIterator(this, from);
  }

  at(seq: number): RunEvent {
    return this.#events[seq]!;
  }

  watch(listener: () => void): () => void {
    return this.subscribe(listener, this.#events.length);
  }

  #deliver(reader: Reader): void {
    if (reader.busy) return;
    reader.busy = true;
    try {
      while (reader.next < this.#events.length) reader.listener(this.#events[reader.next++]!);
    } catch (error) {
      // A reader that throws must not harm the run, nor the other readers.
      this.#readers.delete(reader);
      process.emitWarning(`A listener of run ${this.#run} threw and was removed: ${String(error)}`);
    } finally {
      reader.busy = false;
    }
  }

  #hold(seq: number, bytes: number): void {
    if (bytes < SMALL_BYTES) return;
    this.#held.push({ seq, bytes });
    this.#heldBytes += bytes;
    while (this.#heldBytes > this.#budget && this.#heldFrom < this.#held.length - 1) {
      const { seq: oldest, bytes: freed } = this.#held[this.#heldFrom++]!;
      const event = this.#events[oldest]!;
      if (event.type === 'node.output') {
        this.#events[oldest] = { ...event, value: releaseValue(event.value), released: true };
      }
      this.#heldBytes -= freed;
    }
    if (this.#heldFrom > 1024) {
      this.#held = this.#held.slice(this.#heldFrom);
      this.#heldFrom = 0;
    }
  }
}
