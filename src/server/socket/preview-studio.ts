/**
 * Makes preview frames, once for all clients that want the same one, a few at a time and never in an event's way.
 * Bounded: when more are wanted than can be made, the oldest wish is given up. Sends nothing.
 */
import type { Logger } from 'pino';
import type { PreviewsApi } from '../../protocol/application.ts';
import type { RunEvent } from '../../protocol/event.ts';
import { encodePreview } from '../../protocol/socket-message.ts';
import type { Value } from '../../protocol/value.ts';
import type { ServerLimits } from '../limits.ts';

type OutputEvent = Extract<RunEvent, { type: 'node.output' }>;
/** Told with the frame, or undefined when there is nothing to see or the wish was given up. */
type Wish = (frame: Uint8Array | undefined) => void;

interface Job {
  readonly event: OutputEvent;
  readonly wishes: Wish[];
}

const VISIBLE: ReadonlySet<Value['kind']> = new Set(['Image', 'Video', 'Masks']);
/** Encoding runs in sharp's threads; two at a time leave them to the nodes. */
const AT_A_TIME = 2;
/** Finished frames kept for clients that come a moment later (some 20 KB each). */
const KEPT_FRAMES = 64;

export class PreviewStudio {
  readonly #previews: PreviewsApi;
  readonly #limits: ServerLimits;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #waiting = new Map<string, Job>();
  readonly #making = new Map<string, Job>();
  readonly #kept = new Map<string, Uint8Array>();

  constructor(previews: PreviewsApi, limits: ServerLimits, log: Pick<Logger, 'warn'>) {
    this.#previews = previews;
    this.#limits = limits;
    this.#log = log;
  }

  /** A picture, and one whose pixels the run still holds. */
  static isVisible(event: RunEvent): event is OutputEvent {
    return event.type === 'node.output' && event.released !== true && VISIBLE.has(event.value.kind);
  }

  request(event: OutputEvent, wish: Wish): void {
    const key = `${event.run}/${event.seq}`;
    const frame = this.#kept.get(key);
    if (frame !== undefined) {
      wish(frame);
      return;
    }
    const job = this.#making.get(key) ?? this.#waiting.get(key);
    if (job !== undefined) {
      job.wishes.push(wish);
      return;
    }
    this.#waiting.set(key, { event, wishes: [wish] });
    this.#giveUpOldest();
    this.#makeNext();
  }

  #giveUpOldest(): void {
    for (const [key, job] of this.#waiting) {
      if (this.#waiting.size <= this.#limits.previewQueue) return;
      this.#waiting.delete(key);
      for (const wish of job.wishes) wish(undefined);
    }
  }

  #makeNext(): void {
    for (const [key, job] of this.#waiting) {
      if (this.#making.size >= AT_A_TIME) return;
      this.#waiting.delete(key);
      this.#making.set(key, job);
      void this.#make(key, job);
    }
  }

  async #make(key: string, { event, wishes }: Job): Promise<void> {
    let frame: Uint8Array | undefined;
    try {
      frame = await this.#encode(event);
    } catch (error) {
      // The picture is only a view of a result that was delivered: its failure is nobody's but the log's.
      this.#log.warn({ err: error, run: event.run, node: event.node }, 'no preview could be made');
    }
    this.#making.delete(key);
    if (frame !== undefined) this.#keep(key, frame);
    for (const wish of wishes) wish(frame);
    this.#makeNext();
  }

  async #encode({ run, seq, node, output, item, value }: OutputEvent): Promise<Uint8Array | undefined> {
    const picture = await this.#previews.encode(value, this.#limits.previewSide);
    if (picture === undefined) return undefined;
    const header = { run, seq, node, output, mime: picture.mime, ...(item === undefined ? {} : { item }) };
    return encodePreview(header, picture.bytes);
  }

  #keep(key: string, frame: Uint8Array): void {
    this.#kept.set(key, frame);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_FRAMES) return;
      this.#kept.delete(oldest);
    }
  }
}
