/**
 * What goes out to one client. Knows bytes and backlog, not what they mean.
 * Frames of one turn of the event loop leave in one write; the caller asks for room before each event, and previews
 * that find no room are dropped.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ServerLimits } from '../limits.ts';

export class Outgoing {
  readonly #socket: WebSocket;
  /** The connection below the WebSocket: it is corked, and it tells when the client has caught up. */
  readonly #transport: Duplex;
  readonly #limits: ServerLimits;
  #corked = false;
  #drained: Promise<void> | undefined;

  constructor(socket: WebSocket, transport: Duplex, limits: ServerLimits) {
    this.#socket = socket;
    this.#transport = transport;
    this.#limits = limits;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends one JSON message: its text, or its UTF-8 bytes, which several clients may share. */
  message(json: string | Buffer): void {
    if (!this.isOpen) return;
    this.#corkThisTurn();
    this.#socket.send(json, { binary: false });
  }

  /** Sends a preview frame unless the client lags behind; false when it was dropped. */
  preview(frame: Uint8Array): boolean {
    if (!this.hasRoomForPreviews) return false;
    this.#corkThisTurn();
    this.#socket.send(frame, { binary: true });
    return true;
  }

  get hasRoomForPreviews(): boolean {
    return this.isOpen && this.#socket.bufferedAmount <= this.#limits.previewBacklogBytes;
  }

  get hasRoomForEvents(): boolean {
    return this.#socket.bufferedAmount <= this.#limits.eventBacklogBytes;
  }

  /** Resolves when the client has read everything sent so far, or is gone. */
  drained(): Promise<void> {
    this.#drained ??= new Promise<void>((resolve) => {
      const done = (): void => {
        this.#transport.off('drain', done).off('close', done);
        this.#drained = undefined;
        resolve();
      };
      this.#transport.on('drain', done).on('close', done);
      if (this.#transport.destroyed) done();
    });
    return this.#drained;
  }

  #corkThisTurn(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#transport.cork();
    setImmediate(() => {
      this.#corked = false;
      this.#transport.uncork();
    });
  }
}
