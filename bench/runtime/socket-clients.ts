/** The clients' side of socket-events.ts, a process of its own: counts what arrives until every client has the last event. */
import WebSocket from 'ws';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../src/protocol/socket-message.ts';

export interface ClientOrder {
  readonly port: number;
  readonly token: string;
  readonly run: string;
  readonly clients: number;
}

export interface ClientReport {
  readonly state: 'ready' | 'done';
  /** Events of all clients. */
  readonly received: number;
}

let received = 0;

process.once('message', async ({ port, token, run, clients }: ClientOrder) => {
  const all = Array.from({ length: clients }, () => connect(port, token, run));
  await Promise.all(all.map(({ subscribed }) => subscribed));
  tell('ready');
  await Promise.all(all.map(({ finished }) => finished));
  tell('done');
});

function connect(port: number, token: string, run: string): { subscribed: Promise<void>; finished: Promise<void> } {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, [SUBPROTOCOL, `${TOKEN_PREFIX}${token}`], {
    perMessageDeflate: false,
  });
  socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 1, run })));
  let onSubscribed: () => void = () => {};
  let onFinished: () => void = () => {};
  const subscribed = new Promise<void>((resolve) => {
    onSubscribed = resolve;
  });
  const finished = new Promise<void>((resolve) => {
    onFinished = resolve;
  });
  socket.on('message', (data: Buffer) => {
    // Looking at the start is enough, and cheap: the clients must not be what is measured.
    const start = data.toString('latin1', 0, 200);
    if (start.includes('"type":"reply"')) onSubscribed();
    else {
      received++;
      if (start.includes('"type":"run.f')) onFinished();
    }
  });
  socket.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  return { subscribed, finished };
}

function tell(state: ClientReport['state']): void {
  process.send?.({ state, received } satisfies ClientReport);
}
