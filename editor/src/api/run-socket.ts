/**
 * The WebSocket: submits graphs, delivers run events and preview pictures, and resumes a run after a lost connection
 * from the next event wanted. Must not interpret events.
 */
import type { ErrorShape } from '../../../src/errors.ts';
import {
  type ClientMessage,
  decodePreview,
  type Graph,
  type PreviewHeader,
  type ServerMessage,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  type WireEvent,
} from '../../../src/protocol/index.ts';
import { unreachable } from './client.ts';

export interface RunListener {
  accepted(run: string): void;
  refused(error: ErrorShape): void;
  event(event: WireEvent): void;
  preview(header: PreviewHeader, picture: Uint8Array): void;
  /** Sequence number of the first event not yet seen, or undefined when no run is being followed. */
  resumeFrom(): { run: string; from: number } | undefined;
  connection(isOpen: boolean): void;
}

/** The part of WebSocket used here, so that a test can give its own. */
export interface Socket {
  binaryType: BinaryType;
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string): void;
  close(): void;
}

const OPEN = 1;
const RETRY_MILLISECONDS = [200, 500, 1000, 2000, 5000];

export class RunSocket {
  readonly #open: () => Socket;
  readonly #listener: RunListener;
  readonly #wait: (callback: () => void, milliseconds: number) => unknown;
  #socket: Socket | undefined;
  #attempts = 0;
  #nextId = 1;
  /** The submit that is not answered yet. */
  #submitting: number | undefined;
  #queue: ClientMessage[] = [];

  constructor(
    open: () => Socket,
    listener: RunListener,
    wait: (callback: () => void, milliseconds: number) => unknown = setTimeout,
  ) {
    this.#open = open;
    this.#listener = listener;
    this.#wait = wait;
  }

  connect(): void {
    const socket = this.#open();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#attempts = 0;
      this.#listener.connection(true);
      const resume = this.#listener.resumeFrom();
      if (resume !== undefined) {
        this.#send({ type: 'subscribe', id: this.#nextId++, run: resume.run, from: resume.from, previews: true });
      }
      for (const message of this.#queue.splice(0)) this.#send(message);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#closed(socket);
  }

  /** Starts a run; a run asked for while the connection is down starts when it is back. */
  submit(graph: Graph): void {
    const id = this.#nextId++;
    this.#submitting = id;
    this.#sendOrQueue({ type: 'submit', id, graph, previews: true });
  }

  cancel(run: string): void {
    this.#sendOrQueue({ type: 'cancel', id: this.#nextId++, run });
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      const { header, picture } = decodePreview(new Uint8Array(data));
      this.#listener.preview(header, picture);
      return;
    }
    const message = JSON.parse(String(data)) as ServerMessage;
    if (message.type !== 'reply') {
      this.#listener.event(message);
      return;
    }
    if (message.id === this.#submitting) {
      this.#submitting = undefined;
      if ('error' in message) this.#listener.refused(message.error);
      else this.#listener.accepted(message.run);
      return;
    }
    // A refused subscribe: the run is gone (the server was restarted), so nothing more will come of it.
    if ('error' in message && this.#listener.resumeFrom() !== undefined) this.#listener.refused(message.error);
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#listener.connection(false);
    if (this.#submitting !== undefined && this.#queue.length === 0) {
      // Sent but not answered: whether it runs is unknown, and running it twice would be worse than asking again.
      this.#submitting = undefined;
      this.#listener.refused(unreachable());
    }
    const delay = RETRY_MILLISECONDS[Math.min(this.#attempts, RETRY_MILLISECONDS.length - 1)] as number;
    this.#attempts++;
    this.#wait(() => this.connect(), delay);
  }

  #sendOrQueue(message: ClientMessage): void {
    if (this.#socket?.readyState === OPEN) this.#send(message);
    else this.#queue.push(message);
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

export function openSocket(token: string | undefined): Socket {
  const address = new URL('/ws', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(address, token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, TOKEN_PREFIX + token]);
}
