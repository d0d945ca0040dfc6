/**
 * One node of one run that emits a list. Items are pulled one after the other, as far as the look-ahead allows, and
 * each is then made on its own. Mapped over a list itself, it emits the items of all its calls, one call after the other.
 */

import { WeftError } from '../errors.ts';
import { nodePrefix, signCall, signItem } from '../graph/index.ts';
import type { EmittedItem } from '../protocol/node.ts';
import { fastHash } from './fast-hash.ts';
import { type Bundle, type FeedReader, InputFeed } from './input-feed.ts';
import { ItemMaker } from './item-maker.ts';
import { type ItemStream, itemOf, type Slot } from './item-stream.ts';
import { LookAhead } from './look-ahead.ts';
import type { Outputs } from './memory-cache.ts';
import { nodeError } from './node-error.ts';
import { NodeReport } from './node-report.ts';
import type { PlannedNode } from './plan.ts';
import type { RunHost } from './run-host.ts';
import type { NodeTask } from './task.ts';
import { outputsBytes } from './value-size.ts';

export class EmitTask<S> implements NodeTask, FeedReader {
  readonly planned: PlannedNode<S>;
  readonly lookAhead: LookAhead;
  readonly #host: RunHost<S>;
  readonly #stream: ItemStream;
  readonly #report: NodeReport<S>;
  readonly #maker: ItemMaker<S>;
  readonly #feed: InputFeed;
  /** Its own calls: keys by index, and bundles that arrived, emitted in order. */
  readonly #keys: (string | undefined)[] = [];
  readonly #bundles = new Map<number, Bundle | undefined>();
  #call = 0;
  #isEmitting = false;
  #isBroken = false;
  #iterator: AsyncIterator<EmittedItem<Outputs>> | undefined;
  #base = '';
  #unsettled = 0;
  #allOpened = false;
  #isFinished = false;

  /** `mappers`: how many nodes must be through with each item. */
  constructor(
    host: RunHost<S>,
    planned: PlannedNode<S>,
    streams: ReadonlyMap<string, ItemStream>,
    stream: ItemStream,
    mappers: number,
  ) {
    this.planned = planned;
    this.#host = host;
    this.#stream = stream;
    this.#report = new NodeReport(host, planned.id);
    this.#maker = new ItemMaker(host, planned, this.#report, stream, (slot, outputs) => this.#settled(slot, outputs));
    this.#feed = new InputFeed(planned.links, streams, this);
    const { lookAhead, lookAheadBytes } = host.limits;
    this.lookAhead = new LookAhead({ items: lookAhead, bytes: lookAheadBytes }, mappers);
  }

  get fingerprint(): string | undefined {
    const { models } = this.planned;
    return models.length === 0 ? undefined : models.join(' ');
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  start(): void {
    this.#feed.start();
  }

  /** Held back although nothing else moves: goes further ahead. */
  hurry(): boolean {
    if (!this.lookAhead.isPaused) return false;
    this.lookAhead.widen();
    return true;
  }

  stop(): void {
    this.#closeIterator();
  }

  opened(_index: number, key: string | undefined): void {
    this.#keys.push(key);
  }

  ready(index: number, bundle: Bundle | undefined): void {
    this.#bundles.set(index, bundle);
    this.#nextCall();
  }

  uneven(lengths: readonly number[]): void {
    this.#report.broke(new WeftError('run/list-length', { node: this.planned.id, lengths: lengths.map(String) }));
  }

  ended(): void {
    this.#allOpened = true;
    this.#nextCall();
  }

  /** Starts the next call in order, or ends the list after the last one. */
  #nextCall(): void {
    if (this.#isEmitting || this.#host.scheduler.stopped) return;
    if (this.#allOpened && this.#call === this.#keys.length && !this.#stream.ended) {
      this.#stream.end(this.#isBroken || this.#feed.isBroken);
      this.#finishIfDone();
    }
    if (!this.#bundles.has(this.#call)) return;
    const bundle = this.#bundles.get(this.#call);
    this.#bundles.delete(this.#call);
    this.#isEmitting = true;
    if (bundle === undefined) {
      this.#report.skipped();
      this.#endCall();
      return;
    }
    const { definition, params } = this.planned;
    const { type, version } = definition;
    // Without the node's own fingerprint: a folder that gained a picture still has the old ones in the cache.
    const prefix = nodePrefix({ type, version, params, fingerprint: this.fingerprint });
    this.#base = signCall(prefix, bundle.signatures, fastHash);
    try {
      const call = { params, inputs: bundle.values, context: this.#report.context(undefined) };
      const items = definition.emit!(call) as AsyncIterable<EmittedItem<Outputs>>;
      this.#iterator = items[Symbol.asyncIterator]();
      this.lookAhead.whenRoom(() => this.#pull());
    } catch (thrown) {
      this.#breakCall(thrown);
    }
  }

  #pull(): void {
    const { scheduler } = this.#host;
    scheduler.call(async () => {
      try {
        const { done, value } = await this.#iterator!.next();
        scheduler.soon(() => (done === true ? this.#endCall() : this.#received(value)));
      } catch (thrown) {
        scheduler.soon(() => this.#breakCall(thrown));
      }
    });
  }

  #received(item: EmittedItem<Outputs>): void {
    const limit = this.#host.limits.maxListItems;
    if (this.#stream.slots.length >= limit) {
      const details = { limit, what: `items of the list of "${this.planned.id}"`, received: 'more' };
      this.#closeIterator();
      this.#breakCall(new WeftError('input/too-large', details));
      return;
    }
    const parent = this.#keys[this.#call];
    const slot = this.#stream.open(parent === undefined ? item.key : `${parent}/${item.key}`);
    this.#unsettled++;
    this.lookAhead.add(slot.index);
    if ('error' in item) this.#maker.fail(slot, this.#locate(item.error, slot));
    else {
      const signature = signItem(this.#base, slot.key!, item.fingerprint, fastHash);
      this.#maker.make(slot, signature, (done) => this.#makeItem(slot, item.outputs, done));
    }
    this.lookAhead.whenRoom(() => this.#pull());
  }

  #makeItem(slot: Slot, outputs: () => Promise<Outputs>, done: (result: Outputs | WeftError) => void): void {
    this.#host.scheduler.call(async () => {
      this.#report.started(itemOf(slot));
      let result: Outputs | WeftError;
      try {
        result = await outputs();
      } catch (thrown) {
        result = this.#locate(thrown, slot);
      }
      done(result);
    });
  }

  #locate(thrown: unknown, slot: Slot): WeftError {
    return nodeError(thrown, this.planned.id, this.planned.definition.type, slot.key);
  }

  /** The call ended early; items that it emitted before stay. */
  #breakCall(thrown: unknown): void {
    this.#isBroken = true;
    this.#report.broke(nodeError(thrown, this.planned.id, this.planned.definition.type, this.#keys[this.#call]));
    this.#endCall();
  }

  #endCall(): void {
    this.#iterator = undefined;
    this.#feed.release(this.#call);
    this.#host.through(this.planned.mappedOver, this.#call);
    this.#call++;
    this.#isEmitting = false;
    // Not from here: a list of failed items would go as deep into the stack as it is long.
    this.#host.scheduler.soon(() => this.#nextCall());
  }

  #settled(slot: Slot, outputs: Outputs | undefined): void {
    this.#unsettled--;
    if (outputs !== undefined) this.lookAhead.weigh(slot.index, outputsBytes(outputs));
    this.lookAhead.done(slot.index);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (!this.#stream.ended || this.#unsettled > 0 || this.#isFinished) return;
    this.#isFinished = true;
    this.#feed.releaseShared();
    this.#report.finished();
  }

  #closeIterator(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    // A generator that is waiting for something ignores this until then; nobody waits for it.
    iterator?.return?.().catch(() => {});
  }
}
