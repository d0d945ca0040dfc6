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

const ROUNDS = 3;
/** Four events for each item, and a few for the run. */
const CASES = [
  { clients: 1, items: 10_000, live: true },
  // The same without the run at work: what the socket alone can do.
  { clients: 1, items: 10_000, live: false },
  { clients: 100, items: 500, live: true },
];

export async function measureSocketEvents(): Promise<void> {
  for (const { clients, items, live } of CASES) {
    const floods: Flood[] = [];
    for (let round = 0; round < ROUNDS; round++) floods.push(await flood(clients, items, live));
    const rates = floods.map(({ seconds, received }) => Math.round(received / seconds));
    reportFigure({
      bench: 'runtime',
      case: `WebSocket events to ${clients} client(s), ${live ? 'while the run goes on' : 'replayed after the run'}`,
      events_per_second: Math.max(...rates),
      rounds: rates,
      // What a loaded machine does not blur: the runtime and the server together, one process.
      events_per_processor_second: Math.max(...floods.map(({ received, cpu }) => Math.round(received / cpu))),
      events: floods[0]?.received,
      goal: '>= 50,000 in all',
    });
  }
}

interface Flood {
  readonly seconds: number;
  /** Processor seconds of this process: run, encoding and sending. */
  readonly cpu: number;
  readonly received: number;
}

/** Live: the run waits at its source until every client is subscribed. Else it is over before they come. */
async function flood(clients: number, items: number, live: boolean): Promise<Flood> {
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
    if (!live) {
      open();
      await run.result;
    }
    let start = performance.now();
    let before = process.cpuUsage();
    child.send(order);
    await report(child, 'ready');
    if (live) {
      start = performance.now();
      before = process.cpuUsage();
      open();
    }
    const { received } = await report(child, 'done');
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, received };
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
