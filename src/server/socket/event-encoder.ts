/**
 * Run events as bytes. Every client of a run shares them: an event is turned into JSON once while it is fresh.
 * Keeps only a bounded window of recent events; older ones, asked for in a replay, are encoded anew.
 */
import type { RunEvent } from '../../protocol/event.ts';
import { valueToJson } from '../../protocol/json-value.ts';
import type { WireEvent } from '../../protocol/socket-message.ts';

/** Enough for clients that are a few turns apart; small events only, so at most 4 MiB per encoder. */
const WINDOW = 1024;
const LARGEST_KEPT_BYTES = 4096;

export class EventEncoder {
  /** Slot `seq % WINDOW` holds the event that was encoded there last. */
  readonly #recent: { event: RunEvent; bytes: Buffer }[] = [];

  encode(event: RunEvent): Buffer {
    const slot = event.seq % WINDOW;
    const kept = this.#recent[slot];
    if (kept?.event === event) return kept.bytes;
    const bytes = Buffer.from(JSON.stringify(toWire(event)));
    if (bytes.length <= LARGEST_KEPT_BYTES) this.#recent[slot] = { event, bytes };
    return bytes;
  }
}

export function toWire(event: RunEvent): WireEvent {
  if (event.type === 'node.output') return { ...event, value: valueToJson(event.value) };
  if (event.type !== 'node.progress') return event;
  const { partial, ...progress } = event;
  if (partial === undefined) return progress;
  const values = Object.entries(partial).map(([output, value]) => [output, valueToJson(value)] as const);
  return { ...progress, partial: Object.fromEntries(values) };
}
