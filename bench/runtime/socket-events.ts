/** Events per second over the WebSocket, to one client and to a hundred in another process, of a run that floods them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Application } from '../../src/protocol/application.ts';
import type { RuntimeApi } from '../../src/protocol/run.ts';
import { startServer } from '../../src/server/server.ts';
import { reportFigure } from '../harness/report.ts';
import type { ClientOrder, ClientReport } from './socket-clients.ts';
import { listNode, mappedGraph, trivialRuntime } from './trivial-nodes.ts';

const CASES = [
  { clients: 1, items: 20_000 },
  { clients: 100, items: 1500 },
];

export async function measureSocketEvents(): Promise<void> {
  for (const { clients, items } of CASES) {
    const rates: number[] = [];
    let events = 0;
    for (let round = 0; round < 3; round++) {
      const { seconds, received } = await flood(clients, items);
      events = received;
      rates.push(received / seconds);
    }
    reportFigure({
      bench: 'runtime',
      case: `WebSocket events to ${clients} client(s), first event sent to last received`,
      events_per_second: Math.round(Math.max(...rates)),
      rounds: rates.map(Math.round),
      events,
      goal: '>= 50,000 in all',
    });
  }
}

/** The run waits at its source until every client is subscribed: they all read live. */
async function flood(clients: number, items: number): Promise<{ seconds: number; received: number }> {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const runtime = trivialRuntime(listNode(gate));
  const server = await startServer(applicationOf(runtime), { port: 0 });
  const run = runtime.start(mappedGraph(items));
  const child = fork(join(import.meta.dirname, 'socket-clients.ts'));
  try {
    const order: ClientOrder = { port: server.port, token: server.token, run: run.id, clients };
    child.send(order);
    await report(child, 'ready');
    const start = performance.now();
    open();
    const { received } = await report(child, 'done');
    return { seconds: (performance.now() - start) / 1000, received };
  } finally {
    child.kill();
    await server.close();
    await runtime.close();
  }
}

async function report(child: ReturnType<typeof fork>, state: ClientReport['state']): Promise<ClientReport> {
  const [message] = (await once(child, 'message')) as [ClientReport];
  if (message.state !== state) throw new Error(`expected the clients to be ${state}, received ${message.state}`);
  return message;
}

/** Only the runtime is asked for anything here. */
function applicationOf(runtime: RuntimeApi): Application {
  return {
    version: '0',
    runtime,
    nodes: [],
    editorFolder: '',
    previews: { encode: async () => undefined },
    close: () => runtime.close(),
  } as unknown as Application;
}
