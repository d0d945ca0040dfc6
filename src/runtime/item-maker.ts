/**
 * Makes one item of one node: from the cache, from somebody who is already at it, or by a call.
 * The way of calling is given; what came is checked, kept, told and settled here.
 */
import { WeftError } from '../errors.ts';
import { type ItemStream, itemOf, type Slot } from './item-stream.ts';
import type { FlightEnd, Outputs } from './memory-cache.ts';
import type { NodeReport } from './node-report.ts';
import { checkOutputs } from './output-check.ts';
import type { PlannedNode } from './plan.ts';
import type { RunHost } from './run-host.ts';

/** Starts the call; `done` must be called once, with outputs or with an error that knows its place. */
export type StartCall = (done: (result: Outputs | WeftError) => void) => void;

export class ItemMaker<S> {
  readonly #host: RunHost<S>;
  readonly #planned: PlannedNode<S>;
  readonly #report: NodeReport<S>;
  readonly #stream: ItemStream;
  /** After each settled item, whatever became of it. */
  readonly #settled: (slot: Slot, outputs: Outputs | undefined) => void;

  constructor(
    host: RunHost<S>,
    planned: PlannedNode<S>,
    report: NodeReport<S>,
    stream: ItemStream,
    settled: (slot: Slot, outputs: Outputs | undefined) => void,
  ) {
    this.#host = host;
    this.#planned = planned;
    this.#report = report;
    this.#stream = stream;
    this.#settled = settled;
  }

  make(slot: Slot, signature: string, start: StartCall): void {
    const { cache, flights } = this.#host;
    if (this.#planned.definition.sink === true) {
      start((result) => this.#finish(slot, signature, this.#checked(result), false));
      return;
    }
    const outputs = cache.get(signature);
    if (outputs !== undefined) {
      this.#finish(slot, signature, outputs, true);
      return;
    }
    if (!this.#takeOff(slot, signature, start)) return;
    flights.add(signature);
    start((result) => {
      const checked = this.#checked(result);
      // The maker first, then those who waited for it.
      this.#finish(slot, signature, checked, false);
      this.#land(signature, checked);
    });
  }

  /** The item cannot be made: told when `error` is given, else only counted. */
  fail(slot: Slot, error: WeftError | undefined): void {
    if (error === undefined) this.#report.skipped();
    else this.#report.failed(itemOf(slot), error);
    this.#stream.settle(slot, undefined);
    this.#settled(slot, undefined);
  }

  /** False when another call makes the same thing: then its end is waited for. */
  #takeOff(slot: Slot, signature: string, start: StartCall): boolean {
    let release: () => void = () => {};
    const isMine = this.#host.cache.takeOff(signature, (end: FlightEnd) => {
      if (!this.#host.scheduler.stopped) {
        if (end.kind === 'made') this.#finish(slot, signature, end.outputs, true);
        else if (end.kind === 'failed') this.#finish(slot, signature, this.#relocated(end.error, slot), false);
        else this.make(slot, signature, start);
      }
      release();
    });
    if (!isMine) release = this.#host.scheduler.hold();
    return isMine;
  }

  /** A call that ends after its run was stopped may still give its result to the cache, but tells nobody of a failure. */
  #land(signature: string, result: Outputs | WeftError): void {
    const { cache, flights, signal } = this.#host;
    const isOurs = flights.delete(signature);
    if (!(result instanceof WeftError)) {
      if (isOurs) cache.land(signature, { kind: 'made', outputs: result });
      else cache.set(signature, result);
    } else if (isOurs) {
      cache.land(signature, signal.aborted ? { kind: 'abandoned' } : { kind: 'failed', error: result });
    }
  }

  #finish(slot: Slot, signature: string, result: Outputs | WeftError, cached: boolean): void {
    if (this.#host.scheduler.stopped) return;
    if (result instanceof WeftError) {
      this.fail(slot, result);
      return;
    }
    this.#report.made(itemOf(slot), result, cached);
    this.#stream.settle(slot, { signature, outputs: result });
    this.#settled(slot, result);
  }

  #checked(result: Outputs | WeftError): Outputs | WeftError {
    if (result instanceof WeftError) return result;
    const { id, definition } = this.#planned;
    return checkOutputs(id, definition.type, definition.outputs, result) ?? result;
  }

  /** The same failure, met by another node or item. */
  #relocated(error: WeftError, { key }: Slot): WeftError {
    return new WeftError(error.code, error.details, { node: this.#planned.id, item: key, cause: error.cause });
  }
}
