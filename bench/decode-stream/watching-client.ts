/** The client's side of decode-stream.ts, a process of its own: submits graphs over the WebSocket and notes when what comes. */
import WebSocket from 'ws';
import type { Graph } from '../../src/protocol/graph-file.ts';
import type { ParamValue } from '../../src/protocol/param.ts';
import { type ServerMessage, SUBPROTOCOL, TOKEN_PREFIX } from '../../src/protocol/socket-message.ts';

export interface WatchOrder {
  readonly port: number;
  readonly token: string;
  readonly graph: Graph;
  readonly set: Readonly<Record<string, ParamValue>>;
  /** The node that sees the picture, and the one that writes. */
  readonly encoder: string;
  readonly writer: string;
}

export interface Watched {
  /** From the encoder's end to the first words, and to the end of the run; milliseconds, as the client sees them. */
  readonly firstWords: number;
  readonly wholeText: number;
  /** How often the text grew on the way. */
  readonly updates: number;
}

process.on('message', async (order: WatchOrder) => {
  process.send?.(await watch(order));
});

function watch({ port, token, graph, set, encoder, writer }: WatchOrder): Promise<Watched> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, [SUBPROTOCOL, `${TOKEN_PREFIX}${token}`]);
  let seen = Number.NaN;
  let first = Number.NaN;
  let updates = 0;
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'submit', id: 1, graph, set })));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const now = performance.now();
      if (isBinary) return;
      const message = JSON.parse(data.toString()) as ServerMessage;
      if (message.type === 'node.finished' && message.node === encoder) seen = now;
      if (message.type === 'node.progress' && message.node === writer) {
        updates += 1;
        if (Number.isNaN(first)) first = now;
      }
      const failed = message.type === 'reply' ? 'error' in message : message.type === 'run.failed';
      if (failed) reject(new Error(data.toString()));
      if (message.type !== 'run.finished') return;
      socket.close();
      if (message.failures > 0 || Number.isNaN(seen) || Number.isNaN(first)) reject(new Error('nothing was written'));
      resolve({ firstWords: first - seen, wholeText: now - seen, updates });
    });
  });
}
