/** The life of one node in one run, as events: counts its items and tells when it is finished. */
import type { WeftError } from '../errors.ts';
import type { ItemRef } from '../protocol/event.ts';
import type { NodeContext } from '../protocol/node.ts';
import type { Outputs } from './memory-cache.ts';
import type { RunHost } from './run-host.ts';

/** A node that reports more often than this is not listened to, except at its end. */
const PROGRESS_MILLISECONDS = 25;

export class NodeReport<S> {
  readonly #host: RunHost<S>;
  readonly #node: string;
  #since: number | undefined;
  #made = 0;
  #failed = 0;
  #cached = 0;

  constructor(host: RunHost<S>, node: string) {
    this.#host = host;
    this.#node = node;
  }

  started(item: ItemRef | undefined): void {
    this.#since ??= performance.now();
    const node = this.#node;
    this.#host.emit(item === undefined ? { type: 'node.started', node } : { type: 'node.started', node, item });
  }

  made(item: ItemRef | undefined, outputs: Outputs, cached: boolean): void {
    this.#made++;
    if (cached) {
      this.#cached++;
      this.#host.emit({ type: 'node.cached', node: this.#node, ...withItem(item) });
    }
    const node = this.#node;
    for (const output in outputs) {
      const event = { type: 'node.output', node, output, value: outputs[output]! } as const;
      this.#host.emit(item === undefined ? event : { ...event, item });
    }
  }

  /** An item that failed here. */
  failed(item: ItemRef | undefined, error: WeftError): void {
    this.#failed++;
    this.#host.fail(this.#node, item, error);
  }

  /** The node as a whole failed; its items are then skipped. */
  broke(error: WeftError): void {
    this.#host.fail(this.#node, undefined, error);
  }

  /** An item that could not be tried, because something before it failed. */
  skipped(): void {
    this.#failed++;
  }

  finished(): void {
    const milliseconds = this.#since === undefined ? 0 : performance.now() - this.#since;
    const counts = { items: this.#made, failed: this.#failed, cached: this.#cached };
    this.#host.emit({ type: 'node.finished', node: this.#node, ...counts, milliseconds });
  }

  /** For one call; `item` is undefined for a call that covers several. */
  context(item: ItemRef | undefined): NodeContext<S> {
    const { services, signal } = this.#host;
    let last = Number.NEGATIVE_INFINITY;
    const progress: NodeContext<S>['progress'] = (done, total, note, partial) => {
      const now = performance.now();
      if (done !== total && now - last < PROGRESS_MILLISECONDS) return;
      last = now;
      const more = {
        ...(total === undefined ? {} : { total }),
        ...(note === undefined ? {} : { note }),
        ...(partial === undefined ? {} : { partial }),
      };
      this.#host.emit({ type: 'node.progress', node: this.#node, ...withItem(item), done, ...more });
    };
    return { services, signal, progress };
  }
}

function withItem(item: ItemRef | undefined): { item?: ItemRef } {
  return item === undefined ? {} : { item };
}
