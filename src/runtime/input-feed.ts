/**
 * Joins the streams that a node reads into calls: broadcasts single values, zips lists, collects whole lists.
 * Decides when a call has all it needs; what is then called is the task's affair.
 */
import { signList } from '../graph/index.ts';
import type { Value } from '../protocol/value.ts';
import { fastHash } from './fast-hash.ts';
import { ItemStream, type Slot, type StreamReader } from './item-stream.ts';
import type { PlannedLink } from './plan.ts';
import { WholeList } from './whole-list.ts';

/** Everything for one call. */
export interface Bundle {
  readonly values: Readonly<Record<string, Value | readonly Value[]>>;
  /** [socket, signature, output] of every link. */
  readonly signatures: readonly (readonly [string, string, string])[];
}

export interface FeedReader {
  /** Item `index` will come; the key is undefined when the node is not mapped. */
  opened(index: number, key: string | undefined): void;
  /** All inputs of the item are here; undefined: one of them failed, so the item cannot be made. */
  ready(index: number, bundle: Bundle | undefined): void;
  /** The lists do not have the same length. Told once; every item from here on comes without a bundle. */
  uneven(lengths: readonly number[]): void;
  /** No item follows. */
  ended(): void;
}

interface Input {
  readonly link: PlannedLink;
  readonly stream: ItemStream;
}

export class InputFeed {
  /** Lists taken item by item. */
  readonly #lists: Input[] = [];
  /** Single values, used for every item. */
  readonly #singles: Input[] = [];
  readonly #wholes: { readonly link: PlannedLink; readonly list: WholeList }[] = [];
  readonly #reader: FeedReader;
  /** Singles and whole lists still to come. */
  #missing = 0;
  #opened = 0;
  #ended = false;
  /** From this item on, the lists have different lengths. */
  #unevenFrom = Number.POSITIVE_INFINITY;
  #shared: Bundle | 'lost' | undefined;
  readonly #waiting = new Set<number>();

  /** `streams` by node id. Call `start` once everything is wired. */
  constructor(links: readonly PlannedLink[], streams: ReadonlyMap<string, ItemStream>, reader: FeedReader) {
    this.#reader = reader;
    const wholes: { link: PlannedLink; list: WholeList }[] = [];
    for (const link of links) {
      const stream = streams.get(link.from)!;
      if (link.whole) {
        wholes.push({ link, list: new WholeList(stream, () => this.#arrived()) });
        this.#missing++;
      } else if (stream.isList) this.#lists.push({ link, stream });
      else {
        this.#singles.push({ link, stream });
        this.#missing++;
      }
    }
    this.#wholes = wholes;
    for (const { stream } of this.#lists) stream.addReader(this.#listReader());
    for (const { stream } of this.#singles) stream.addReader(this.#singleReader());
  }

  /** Whether items may be missing, because the source of a list failed as a whole. Known at the end. */
  get isBroken(): boolean {
    return this.#lists.some(({ stream }) => stream.isBroken);
  }

  /** A node without lists has its one item from the start. */
  start(): void {
    if (this.#lists.length > 0) return;
    this.#open(undefined);
    this.#finish();
  }

  /** The item's call is over: its inputs may go. */
  release(index: number): void {
    for (const { stream } of this.#lists) {
      const slot = stream.slots[index];
      if (slot !== undefined && !this.#isShared(stream)) ItemStream.release(slot);
    }
  }

  /** No call will follow: what all of them shared may go. */
  releaseShared(): void {
    for (const { stream } of this.#lists) if (this.#isShared(stream)) ItemStream.release(stream.slots[0]!);
    for (const { stream } of this.#singles) ItemStream.release(stream.slots[0]!);
    for (const { list } of this.#wholes) list.release();
    this.#shared = undefined;
  }

  /** The only item of one list among several serves all items of the others. */
  #isShared(stream: ItemStream): boolean {
    return this.#lists.length > 1 && stream.ended && stream.slots.length === 1;
  }

  #listReader(): StreamReader {
    return {
      opened: () => this.#extend(),
      settled: (slot) => {
        if (slot.index > 0 || this.#lists.length === 1) this.#try(slot.index);
        // The only item of a list serves every item of the others.
        else this.#tryAll();
      },
      ended: () => {
        this.#extend();
        this.#tryAll();
      },
    };
  }

  #singleReader(): StreamReader {
    return { settled: () => this.#arrived() };
  }

  #arrived(): void {
    this.#missing--;
    if (this.#missing === 0) this.#tryAll();
  }

  /** Opens every item that is now known to exist. */
  #extend(): void {
    if (this.#ended) return;
    const streams = this.#lists.map(({ stream }) => stream);
    for (;;) {
      const index = this.#opened;
      // Two slots or the end: only then is it known whether a list is one item for all, or names the items.
      const enough = index === 0 && streams.length > 1 ? 2 : index + 1;
      if (!streams.every(({ slots, ended }) => ended || slots.length >= enough)) return;
      const longest = streams.reduce((a, b) => (b.slots.length > a.slots.length ? b : a));
      // One item for all, where all are none, is none.
      const isEmpty = longest.slots.length <= 1 && streams.some(({ slots }) => slots.length === 0);
      if (isEmpty || index >= longest.slots.length) {
        this.#finish();
        return;
      }
      const isShort = ({ slots, ended }: ItemStream): boolean => ended && slots.length !== 1 && slots.length <= index;
      if (this.#unevenFrom > index && streams.some(isShort)) {
        this.#unevenFrom = index;
        this.#reader.uneven(streams.map(({ slots }) => slots.length));
      }
      const source = streams.find(({ slots }) => slots.length > Math.max(index, 1)) ?? longest;
      this.#open(source.slots[index]!.key);
    }
  }

  #open(key: string | undefined): void {
    const index = this.#opened++;
    this.#waiting.add(index);
    this.#reader.opened(index, key);
    this.#try(index);
  }

  #finish(): void {
    this.#ended = true;
    this.#reader.ended();
  }

  #tryAll(): void {
    for (const index of [...this.#waiting]) this.#try(index);
  }

  #try(index: number): void {
    if (this.#missing > 0 || !this.#waiting.has(index)) return;
    if (index >= this.#unevenFrom) {
      this.#waiting.delete(index);
      this.#reader.ready(index, undefined);
      return;
    }
    const slots: Slot[] = [];
    for (const { stream } of this.#lists) {
      const slot = slotOf(stream, index);
      if (slot === undefined || slot.state === 'waiting') return;
      slots.push(slot);
    }
    this.#waiting.delete(index);
    this.#reader.ready(index, this.#bundle(slots));
  }

  #bundle(slots: readonly Slot[]): Bundle | undefined {
    this.#shared ??= this.#sharedPart() ?? 'lost';
    if (this.#shared === 'lost') return undefined;
    const values = { ...this.#shared.values };
    const signatures = [...this.#shared.signatures];
    for (const [position, { link }] of this.#lists.entries()) {
      const slot = slots[position]!;
      if (slot.state === 'failed') return undefined;
      values[link.socket] = valueFor(link, slot);
      signatures.push([link.socket, slot.signature, link.output]);
    }
    return { values, signatures };
  }

  /** Single values and whole lists: the same for every item. */
  #sharedPart(): Bundle | undefined {
    const values: Record<string, Value | readonly Value[]> = {};
    const signatures: [string, string, string][] = [];
    for (const { link, stream } of this.#singles) {
      const slot = stream.slots[0]!;
      if (slot.state === 'failed') return undefined;
      values[link.socket] = valueFor(link, slot);
      signatures.push([link.socket, slot.signature, link.output]);
    }
    if (this.#wholes.length === 0) return { values, signatures };
    const kept = WholeList.align(this.#wholes.map(({ list }) => list));
    if (kept === undefined) return undefined;
    for (const [position, { link }] of this.#wholes.entries()) {
      values[link.socket] = kept[position]!.map((slot) => valueFor(link, slot));
      signatures.push([
        link.socket,
        signList(
          kept[position]!.map(({ signature }) => signature),
          fastHash,
        ),
        link.output,
      ]);
    }
    return { values, signatures };
  }
}

/** The slot that serves item `index`, or undefined while it is not there. */
function slotOf({ slots, ended }: ItemStream, index: number): Slot | undefined {
  return ended && slots.length === 1 ? slots[0] : slots[index];
}

/** A caption or an answer that goes into a text socket is a text. */
function valueFor({ output, spec }: PlannedLink, slot: Slot): Value {
  const value = slot.outputs![output]!;
  if (spec.type.kind !== 'Text' || (value.kind !== 'Caption' && value.kind !== 'Answer')) return value;
  return { kind: 'Text', text: value.text };
}
