import { expect, test } from 'vitest';
import { type RunListener, RunSocket, type Socket } from '../../../editor/src/api/run-socket.ts';
import { encodePreview, type Graph, type PreviewHeader } from '../../../src/protocol/index.ts';

class FakeSocket implements Socket {
  binaryType: BinaryType = 'blob';
  readyState = 0;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly sent: unknown[] = [];

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.({} as CloseEvent);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.({} as Event);
  }

  receive(data: unknown): void {
    this.onmessage?.({ data: data instanceof ArrayBuffer ? data : JSON.stringify(data) } as MessageEvent);
  }
}

function setUp(resume: () => { run: string; from: number } | undefined = () => undefined) {
  const sockets: FakeSocket[] = [];
  const log: unknown[] = [];
  const waits: (() => void)[] = [];
  const listener: RunListener = {
    accepted: (run) => log.push(['accepted', run]),
    refused: (error) => log.push(['refused', error.code]),
    event: (event) => log.push(['event', event.seq]),
    preview: (header, picture) => log.push(['preview', header.node, [...picture]]),
    resumeFrom: resume,
    connection: (isOpen) => log.push(['open', isOpen]),
  };
  const open = () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  const socket = new RunSocket(open, listener, (callback) => waits.push(callback));
  socket.connect();
  return { socket, sockets, log, waits };
}

const graph: Graph = { weft: 1, name: 'g', nodes: {} };

test('a graph submitted before the connection is open is sent when it is', () => {
  const { socket, sockets, log } = setUp();
  socket.submit(graph);
  expect(sockets[0]?.sent).toEqual([]);
  sockets[0]?.open();
  expect(sockets[0]?.sent).toEqual([{ type: 'submit', id: 1, graph, previews: true }]);
  sockets[0]?.receive({ type: 'reply', id: 1, run: 'r1' });
  sockets[0]?.receive({ type: 'run.queued', run: 'r1', seq: 0, time: 0, graph: 'g', outputs: [] });
  expect(log).toEqual([
    ['open', true],
    ['accepted', 'r1'],
    ['event', 0],
  ]);
});

test('a lost connection comes back and resumes from the next event wanted', () => {
  const { sockets, waits, log } = setUp(() => ({ run: 'r1', from: 7 }));
  sockets[0]?.open();
  sockets[0]?.close();
  expect(waits).toHaveLength(1);
  waits[0]?.();
  sockets[1]?.open();
  expect(sockets[1]?.sent).toEqual([{ type: 'subscribe', id: 2, run: 'r1', from: 7, previews: true }]);
  sockets[1]?.receive({ type: 'reply', id: 2, error: { code: 'run/unknown-run', message: '', remedy: '' } });
  expect(log.at(-1)).toEqual(['refused', 'run/unknown-run']);
});

test('a submit that was sent but not answered is refused, not sent twice', () => {
  const { socket, sockets, waits, log } = setUp();
  sockets[0]?.open();
  socket.submit(graph);
  sockets[0]?.close();
  expect(log.at(-1)).toEqual(['refused', 'internal']);
  waits[0]?.();
  sockets[1]?.open();
  expect(sockets[1]?.sent).toEqual([]);
});

test('a refused submit and a cancel', () => {
  const { socket, sockets, log } = setUp();
  sockets[0]?.open();
  socket.submit(graph);
  sockets[0]?.receive({ type: 'reply', id: 1, error: { code: 'graph/invalid', message: '', remedy: '' } });
  expect(log.at(-1)).toEqual(['refused', 'graph/invalid']);
  socket.cancel('r1');
  expect(sockets[0]?.sent.at(-1)).toEqual({ type: 'cancel', id: 2, run: 'r1' });
});

test('a binary frame is a preview picture with its header', () => {
  const { sockets, log } = setUp();
  sockets[0]?.open();
  const header: PreviewHeader = { run: 'r1', seq: 3, node: 'image', output: 'image', mime: 'image/jpeg' };
  const frame = encodePreview(header, new Uint8Array([1, 2, 3]));
  sockets[0]?.receive(frame.buffer.slice(0));
  expect(log.at(-1)).toEqual(['preview', 'image', [1, 2, 3]]);
});
