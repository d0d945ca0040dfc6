import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ImageValue } from '../../../src/protocol/value.ts';
import { exampleGraph, fakeApplication } from '../fake-application.ts';
import { type Client, connect, listen } from '../listening.ts';
import { ScriptedRuntime } from '../scripted-runtime.ts';

const image: ImageValue = { kind: 'Image', width: 8, height: 8, data: new Uint8Array(192) };
const PREVIEW_BYTES = 100_000;
const COUNT = 600;
const LIMITS = { previewBacklogBytes: 100_000, eventBacklogBytes: 400_000 };

/** Each event of a few kilobytes, each picture of a hundred: far more than any socket buffers. */
async function setUp() {
  const runtime = new ScriptedRuntime();
  runtime.script = () => {};
  let encoded = 0;
  const application = fakeApplication(runtime, {
    previews: {
      encode: async () => {
        encoded += 1;
        return { mime: 'image/png', bytes: new Uint8Array(PREVIEW_BYTES) };
      },
    },
  });
  const server = await listen(application, { limits: LIMITS });
  return { runtime, server, encodedCount: () => encoded };
}

const transport = (client: Client): Socket => (client.socket as unknown as { _socket: Socket })._socket;
const turn = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The most bytes that ever waited for one client. */
function watchBacklog(): () => number {
  let most = 0;
  const { send } = WebSocket.prototype;
  vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (this: WebSocket, ...given: unknown[]) {
    (send as (...all: unknown[]) => void).apply(this, given);
    most = Math.max(most, this.bufferedAmount);
  });
  return () => most;
}

async function pour(runtime: ScriptedRuntime): Promise<void> {
  for (let index = 0; index < COUNT; index++) {
    const note = 'n'.repeat(20_000);
    runtime.last.emit({ type: 'node.progress', node: 'hello', done: index, note });
    runtime.last.emit({ type: 'node.output', node: 'hello', output: 'word', value: image });
    if (index % 10 === 0) await turn(1);
  }
  runtime.last.finish();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a slow reader', () => {
  it('loses previews, never events, and holds nobody up', async () => {
    const { runtime, server, encodedCount } = await setUp();
    const slow = await connect(server);
    const quick = await connect(server);
    await slow.ask({ type: 'submit', graph: exampleGraph, previews: true });
    await quick.ask({ type: 'subscribe', run: 'run-1', previews: true });
    transport(slow).pause();
    const backlog = watchBacklog();
    await pour(runtime);
    await quick.until(() => quick.events.at(-1)?.type === 'run.finished');
    // At most one event more than the bound, of the 72 MB that were poured out.
    expect(backlog()).toBeGreaterThan(LIMITS.previewBacklogBytes);
    expect(backlog()).toBeLessThan(LIMITS.eventBacklogBytes + 30_000 + PREVIEW_BYTES);
    expect(slow.events.length).toBeLessThan(quick.events.length);

    transport(slow).resume();
    await slow.until(() => slow.events.at(-1)?.type === 'run.finished');
    for (const client of [slow, quick]) {
      expect(client.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * COUNT + 2 }, (_, seq) => seq));
    }
    expect(slow.previews.length).toBeLessThan(COUNT / 2);
    expect(quick.previews.length).toBeGreaterThan(slow.previews.length);
    expect(encodedCount()).toBeLessThanOrEqual(COUNT);
  });

  it('may leave while it is held back', async () => {
    const { runtime, server } = await setUp();
    const slow = await connect(server);
    await slow.ask({ type: 'submit', graph: exampleGraph });
    transport(slow).pause();
    await pour(runtime);
    slow.socket.terminate();
    const next = await connect(server);
    await next.ask({ type: 'subscribe', run: 'run-1', from: 2 * COUNT });
    await next.until(() => next.events.length === 2);
  });

  it('may unsubscribe while it is held back, and hears nothing more', async () => {
    const { runtime, server } = await setUp();
    const slow = await connect(server);
    await slow.ask({ type: 'submit', graph: exampleGraph });
    transport(slow).pause();
    await pour(runtime);
    slow.socket.send(JSON.stringify({ type: 'unsubscribe', id: 'enough', run: 'run-1' }));
    await turn(50);
    transport(slow).resume();
    await slow.until(() => slow.replies.some(({ id }) => id === 'enough'));
    await turn(50);
    expect(slow.events.length).toBeLessThan(2 * COUNT);
  });
});
