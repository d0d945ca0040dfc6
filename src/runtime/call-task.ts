/**
 * One node of one run that makes one item per call: once, or once for each item of the lists that reach it.
 * Joins inputs, cache, batches and calls; the parts do the work.
 */

import { WeftError } from '../errors.ts';
import { nodePrefix, signCall } from '../graph/index.ts';
import { Batcher } from './batcher.ts';
import { fastHash } from './fast-hash.ts';
import { type Bundle, type FeedReader, InputFeed } from './input-feed.ts';
import { ItemMaker } from './item-maker.ts';
import { type ItemStream, itemOf, type Slot } from './item-stream.ts';
import type { Outputs } from './memory-cache.ts';
import { nodeError } from './node-error.ts';
import { NodeReport } from './node-report.ts';
import type { PlannedNode } from './plan.ts';
import type { RunHost } from './run-host.ts';
import type { NodeTask } from './task.ts';

type Inputs = Bundle['values'];
type BatchResults = readonly (Outputs | WeftError)[];

export class CallTask<S> implements NodeTask, FeedReader {
  readonly planned: PlannedNode<S>;
  readonly #host: RunHost<S>;
  readonly #stream: ItemStream;
  readonly #report: NodeReport<S>;
  readonly #maker: ItemMaker<S>;
  readonly #feed: InputFeed;
  readonly #batcher: Batcher<Inputs> | undefined;
  #fingerprint: string | undefined;
  /** Undefined until the node's fingerprint is known: calls wait for it. */
  #prefix: string | undefined;
  #isBroken = false;
  readonly #early: [number, Bundle | undefined][] = [];
  #unsettled = 0;
  #allOpened = false;
  #isFinished = false;

  constructor(host: RunHost<S>, planned: PlannedNode<S>, streams: ReadonlyMap<string, ItemStream>, stream: ItemStream) {
    this.planned = planned;
    this.#host = host;
    this.#stream = stream;
    this.#report = new NodeReport(host, planned.id);
    this.#maker = new ItemMaker(host, planned, this.#report, stream, (slot) => this.#settled(slot));
    this.#feed = new InputFeed(planned.links, streams, this);
    const { definition, mapped } = planned;
    if (definition.runBatch !== undefined && (mapped || definition.run === undefined))
      this.#batcher = this.#makeBatcher();
  }

  get fingerprint(): string | undefined {
    return this.#fingerprint;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  start(): void {
    const { definition } = this.planned;
    if (definition.fingerprint === undefined) this.#identify(undefined);
    else this.#host.scheduler.call(() => this.#askFingerprint());
    this.#feed.start();
  }

  /** Sends a batch that is still filling on its way; false when there is none. */
  hurry(): boolean {
    if (this.#batcher?.isWaiting !== true) return false;
    this.#batcher.flush();
    return true;
  }

  stop(): void {
    this.#batcher?.stop();
  }

  opened(_index: number, key: string | undefined): void {
    this.#unsettled++;
    this.#stream.open(key);
  }

  ready(index: number, bundle: Bundle | undefined): void {
    if (this.#prefix === undefined && !this.#isBroken) {
      this.#early.push([index, bundle]);
      return;
    }
    const slot = this.#stream.slots[index]!;
    if (bundle === undefined || this.#isBroken) {
      this.#maker.fail(slot, undefined);
      return;
    }
    const signature = signCall(this.#prefix!, bundle.signatures, fastHash);
    this.#maker.make(slot, signature, (done) => this.#call(slot, bundle.values, done));
  }

  uneven(lengths: readonly number[]): void {
    this.#report.broke(new WeftError('run/list-length', { node: this.planned.id, lengths: lengths.map(String) }));
  }

  ended(): void {
    this.#allOpened = true;
    this.#stream.end(this.#feed.isBroken);
    this.#finishIfDone();
  }

  #call(slot: Slot, inputs: Inputs, done: (result: Outputs | WeftError) => void): void {
    const { definition, params, id } = this.planned;
    const item = itemOf(slot);
    const started = (): void => this.#report.started(item);
    const locate = (thrown: unknown): WeftError => nodeError(thrown, id, definition.type, slot.key);
    if (this.#batcher !== undefined) {
      this.#batcher.add({ inputs, done, started, locate });
      return;
    }
    this.#host.scheduler.call(async () => {
      started();
      let result: Outputs | WeftError;
      try {
        result = (await definition.run!({ params, inputs, context: this.#report.context(item) })) as Outputs;
      } catch (thrown) {
        result = locate(thrown);
      }
      done(result);
    });
  }

  #makeBatcher(): Batcher<Inputs> {
    const { definition, params, id } = this.planned;
    const { limits, scheduler } = this.#host;
    return new Batcher<Inputs>({
      size: limits.batchSize,
      delay: limits.batchDelay,
      call: (start) => scheduler.call(start),
      run: async (inputs) => {
        const results = (await definition.runBatch!(inputs, params, this.#report.context(undefined))) as BatchResults;
        if (Array.isArray(results) && results.length === inputs.length) return results;
        const expected = `${inputs.length} results`;
        const received = Array.isArray(results) ? `${results.length}` : typeof results;
        throw new WeftError('run/bad-output', {
          node: id,
          type: definition.type,
          socket: 'of the batch',
          expected,
          received,
        });
      },
      isStopped: () => scheduler.stopped,
    });
  }

  async #askFingerprint(): Promise<void> {
    const { definition, params, id } = this.planned;
    try {
      this.#identify(await definition.fingerprint!(params, this.#report.context(undefined)));
    } catch (thrown) {
      if (this.#host.scheduler.stopped) return;
      this.#isBroken = true;
      this.#report.broke(nodeError(thrown, id, definition.type, undefined));
    }
    for (const [index, bundle] of this.#early.splice(0)) this.ready(index, bundle);
  }

  #identify(fingerprint: string | undefined): void {
    const { definition, params, models } = this.planned;
    const parts = [...(fingerprint === undefined ? [] : [fingerprint]), ...models];
    this.#fingerprint = parts.length === 0 ? undefined : parts.join(' ');
    const { type, version } = definition;
    this.#prefix = nodePrefix({ type, version, params, fingerprint: this.#fingerprint });
  }

  #settled(slot: Slot): void {
    this.#unsettled--;
    this.#feed.release(slot.index);
    this.#host.through(this.planned.mappedOver, slot.index);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (!this.#allOpened || this.#unsettled > 0 || this.#isFinished) return;
    this.#isFinished = true;
    this.#feed.releaseShared();
    this.#report.finished();
  }
}
