/**
 * The door of /ws: the same checks as for HTTP before the upgrade, then a SocketClient per connection, pings,
 * and an orderly goodbye. Knows connections, not messages.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { toWeftError, WeftError } from '../../errors.ts';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../protocol/socket-message.ts';
import { type Access, bearerToken } from '../access.ts';
import { notFound } from '../error-reply.ts';
import { Outgoing } from './outgoing.ts';
import { type Hub, SocketClient } from './socket-client.ts';

export interface SocketDoor {
  /** Says goodbye to every client; those that do not answer in time are cut off. */
  close(): Promise<void>;
}

export function openSocketDoor(server: Server, access: Access, hub: Hub): SocketDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    // Compression costs more than a loopback gains, and its windows would be held per client.
    perMessageDeflate: false,
    maxPayload: hub.limits.messageBytes * 2,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('upgrade', (request: IncomingMessage, transport: Duplex, head: Buffer) => {
    transport.on('error', () => transport.destroy());
    try {
      admit(request, access);
    } catch (thrown) {
      refuse(transport, toWeftError(thrown));
      return;
    }
    sockets.handleUpgrade(request, transport, head, (socket) => welcome(socket, transport, hub));
  });
  const stopPings = keepAlive(sockets, hub.limits.pingInterval);
  return {
    close: () => {
      stopPings();
      return sayGoodbye(sockets, hub.limits.closeGrace);
    },
  };
}

function admit(request: IncomingMessage, access: Access): void {
  const { headers, socket } = request;
  access.checkHost({ headers, localAddress: socket.localAddress, localPort: socket.localPort });
  access.checkOrigin(headers, 'data');
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/ws') throw notFound(request.method ?? 'GET', path ?? '');
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  const token = offered.find((protocol) => protocol.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
  access.checkToken(token ?? bearerToken(headers));
  if (!offered.includes(SUBPROTOCOL)) {
    const received = offered.filter((protocol) => protocol !== '' && !protocol.startsWith(TOKEN_PREFIX)).join(', ');
    throw new WeftError('server/bad-request', {
      expected: `the subprotocol "${SUBPROTOCOL}"`,
      where: 'Sec-WebSocket-Protocol',
      received: received === '' ? 'none' : received.slice(0, 80),
    });
  }
}

/** Before the upgrade the answer is plain HTTP. */
function refuse(transport: Duplex, error: WeftError): void {
  const body = JSON.stringify({ error: error.toJSON() });
  transport.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'cache-control: no-store',
      '',
      body,
    ].join('\r\n'),
  );
}

function welcome(socket: WebSocket, transport: Duplex, hub: Hub): void {
  const client = new SocketClient(hub, new Outgoing(socket, transport, hub.limits));
  // Without the option `binaryType`, ws hands over each message as one Buffer.
  socket.on('message', (data, isBinary) => client.receive(data as Buffer, isBinary));
  socket.on('close', () => client.leave());
  // ws closes the connection itself, with the code that fits: a broken frame, or one above the hard limit.
  socket.on('error', (error) => hub.log.warn({ err: error }, 'a WebSocket client broke the protocol'));
}

/** A client that left the last ping unanswered is gone, though its connection may not know it. */
function keepAlive(sockets: WebSocketServer, interval: number): () => void {
  const unanswered = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (unanswered.has(socket)) {
        socket.terminate();
        continue;
      }
      unanswered.add(socket);
      socket.once('pong', () => unanswered.delete(socket));
      socket.ping();
    }
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}

async function sayGoodbye(sockets: WebSocketServer, grace: number): Promise<void> {
  const gone = [...sockets.clients].map((socket) => {
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.close(1001, 'the server is closing');
    return closed;
  });
  const timer = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, grace);
  await Promise.all(gone);
  clearTimeout(timer);
  sockets.close();
}
