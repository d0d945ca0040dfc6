/**
 * One connected client: answers each of its messages with one reply and keeps its subscriptions.
 * Whatever it sends, the connection and the others stay alive.
 */
import type { Logger } from 'pino';
import { toWeftError } from '../../errors.ts';
import type { RunEvent } from '../../protocol/event.ts';
import type { Run, RuntimeApi } from '../../protocol/run.ts';
import type { ClientMessage, Reply } from '../../protocol/socket-message.ts';
import { findRun } from '../find-run.ts';
import type { ServerLimits } from '../limits.ts';
import { runOptions } from '../run-options.ts';
import { type MessageId, parseClientMessage, RefusedMessage } from './client-message.ts';
import type { EventEncoder } from './event-encoder.ts';
import type { Outgoing } from './outgoing.ts';
import { PreviewStudio } from './preview-studio.ts';
import { Subscription } from './subscription.ts';

/** What all clients of a server share. */
export interface Hub {
  readonly runtime: RuntimeApi;
  readonly limits: ServerLimits;
  readonly studio: PreviewStudio;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  encoderOf(run: Run): EventEncoder;
}

export class SocketClient {
  readonly #hub: Hub;
  readonly #outgoing: Outgoing;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(hub: Hub, outgoing: Outgoing) {
    this.#hub = hub;
    this.#outgoing = outgoing;
  }

  receive(frame: Buffer, isBinary: boolean): void {
    let id: MessageId = null;
    try {
      const message = parseClientMessage(frame, isBinary, this.#hub.limits.messageBytes);
      id = message.id;
      const run = this.#handle(message);
      this.#reply({ type: 'reply', id, run: run.id });
      if (message.type === 'submit') this.#follow(run, 0, message.previews === true);
      if (message.type === 'subscribe') this.#follow(run, message.from ?? 0, message.previews === true);
    } catch (thrown) {
      const refused = thrown instanceof RefusedMessage;
      const error = refused ? thrown.reason : toWeftError(thrown);
      if (error.code === 'internal') this.#hub.log.error({ err: error.cause ?? error }, 'message failed');
      this.#reply({ type: 'reply', id: refused ? thrown.id : id, error: error.toJSON() });
    }
  }

  /** Forgets every subscription; runs go on, so that the client may come back and replay. */
  leave(): void {
    for (const subscription of this.#subscriptions.values()) subscription.stop();
    this.#subscriptions.clear();
  }

  #handle(message: ClientMessage): Run {
    const { runtime } = this.#hub;
    if (message.type === 'submit') return runtime.start(message.graph, runOptions(message));
    const run = findRun(runtime, message.run);
    if (message.type === 'cancel') run.cancel('asked over the WebSocket');
    if (message.type === 'unsubscribe') this.#unfollow(run.id);
    return run;
  }

  /** A second subscription to the same run takes the place of the first. */
  #follow(run: Run, from: number, previews: boolean): void {
    this.#unfollow(run.id);
    const subscription: Subscription = new Subscription({
      run,
      from,
      outgoing: this.#outgoing,
      encoder: this.#hub.encoderOf(run),
      onSent: previews ? (event) => this.#offerPreview(event, subscription) : undefined,
    });
    this.#subscriptions.set(run.id, subscription);
    subscription
      .follow()
      .catch((error: unknown) => this.#hub.log.error({ err: error, run: run.id }, 'events of a run broke off'))
      .finally(() => {
        if (this.#subscriptions.get(run.id) === subscription) this.#subscriptions.delete(run.id);
      });
  }

  #unfollow(run: string): void {
    this.#subscriptions.get(run)?.stop();
    this.#subscriptions.delete(run);
  }

  /** Looked at before encoding, to save the work, and again when the frame is there. */
  #offerPreview(event: RunEvent, subscription: Subscription): void {
    if (!PreviewStudio.isVisible(event) || !this.#outgoing.hasRoomForPreviews) return;
    this.#hub.studio.request(event, (frame) => {
      if (frame !== undefined && subscription.isLive) this.#outgoing.preview(frame);
    });
  }

  #reply(reply: Reply): void {
    this.#outgoing.message(JSON.stringify(reply));
  }
}
