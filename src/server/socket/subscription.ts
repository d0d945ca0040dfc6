/**
 * One client following one run: takes events from the run's log at the pace the client reads them.
 * Because it pulls from the log by number, nothing is lost or doubled, however slow the client or long the pause.
 */
import type { RunEvent } from '../../protocol/event.ts';
import type { Run } from '../../protocol/run.ts';
import type { EventEncoder } from './event-encoder.ts';
import type { Outgoing } from './outgoing.ts';

export interface SubscriptionOptions {
  readonly run: Run;
  readonly from: number;
  readonly outgoing: Outgoing;
  readonly encoder: EventEncoder;
  /** Called for every event sent; previews start here. */
  readonly onSent?: ((event: RunEvent) => void) | undefined;
}

export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #events: AsyncIterator<RunEvent>;
  #stopped = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#events = options.run.events(options.from)[Symbol.asyncIterator]();
  }

  get isLive(): boolean {
    return !this.#stopped;
  }

  /** Resolves after the run's last event, or when stopped. */
  async follow(): Promise<void> {
    const { outgoing, encoder, onSent } = this.#options;
    while (!this.#stopped) {
      const { done, value: event } = await this.#events.next();
      if (done === true || this.#stopped) return;
      while (!outgoing.hasRoomForEvents) {
        await outgoing.drained();
        if (this.#stopped || !outgoing.isOpen) return;
      }
      outgoing.message(encoder.encode(event));
      onSent?.(event);
    }
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    void this.#events.return?.();
  }
}
