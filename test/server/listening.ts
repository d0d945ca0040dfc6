/** A server that really listens, and real WebSocket clients with what they received. */
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import type { Application, ServerHandle } from '../../src/protocol/application.ts';
import type { ErrorReply } from '../../src/protocol/http.ts';
import {
  decodePreview,
  type PreviewHeader,
  type Reply,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  type WireEvent,
} from '../../src/protocol/socket-message.ts';
import { type ServerOptions, startServer } from '../../src/server/server.ts';
import { silent, TOKEN } from './injection.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export async function listen(application: Application, options: ServerOptions = {}): Promise<ServerHandle> {
  const server = await startServer(application, { port: 0, token: TOKEN, logger: silent, ...options });
  cleanUps.push(() => server.close());
  return server;
}

export interface Client {
  readonly socket: WebSocket;
  readonly replies: Reply[];
  readonly events: WireEvent[];
  readonly previews: { header: PreviewHeader; picture: Uint8Array }[];
  /** Sends a message with a new id and resolves with its reply. */
  ask(message: object): Promise<Reply>;
  /** Sends a frame as it is and resolves with the next reply. */
  askRaw(frame: string | Buffer): Promise<Reply>;
  /** Resolves as soon as `condition` holds; looked at after every message. */
  until(condition: () => boolean): Promise<void>;
}

let lastId = 0;

export async function connect(server: ServerHandle): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, [SUBPROTOCOL, TOKEN_PREFIX + server.token]);
  cleanUps.push(() => socket.terminate());
  const client = follow(socket);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return client;
}

export interface Refusal {
  readonly status: number;
  readonly error: ErrorReply['error'];
}

/** An upgrade that is expected to be refused. */
export function refused(
  server: ServerHandle,
  { path = '/ws', protocols = [SUBPROTOCOL, TOKEN_PREFIX + server.token], headers = {} as Record<string, string> },
): Promise<Refusal> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, { headers });
  cleanUps.push(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('the upgrade was not refused')));
    socket.on('error', () => {});
    socket.once('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, error: JSON.parse(Buffer.concat(chunks).toString()).error }),
      );
    });
  });
}

function follow(socket: WebSocket): Client {
  const replies: Reply[] = [];
  const events: WireEvent[] = [];
  const previews: Client['previews'] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      previews.push(decodePreview(data));
    } else {
      const message = JSON.parse(data.toString()) as Reply | WireEvent;
      if (message.type === 'reply') replies.push(message);
      else events.push(message);
    }
    for (const look of waiting) look();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const askRaw = async (frame: string | Buffer): Promise<Reply> => {
    const before = replies.length;
    socket.send(frame);
    await until(() => replies.length > before);
    return replies[before]!;
  };
  const ask = async (message: object): Promise<Reply> => {
    lastId += 1;
    const id = lastId;
    socket.send(JSON.stringify({ id, ...message }));
    await until(() => replies.some((reply) => reply.id === id));
    return replies.find((reply) => reply.id === id)!;
  };
  return { socket, replies, events, previews, ask, askRaw, until };
}
