import { describe, expect, it, vi } from 'vitest';
import { exampleGraph, fakeApplication } from '../fake-application.ts';
import { connect, listen } from '../listening.ts';
import { ScriptedRuntime } from '../scripted-runtime.ts';

describe('a hundred clients', () => {
  it('each get every event in order, and each event is made into JSON once', async () => {
    const runtime = new ScriptedRuntime();
    runtime.script = () => {};
    const server = await listen(fakeApplication(runtime));
    const first = await connect(server);
    await first.ask({ type: 'submit', graph: exampleGraph });
    const others = await Promise.all(Array.from({ length: 99 }, () => connect(server)));
    await Promise.all(others.map((client) => client.ask({ type: 'subscribe', run: 'run-1' })));
    const toJson = vi.fn(() => 'text');
    for (let index = 0; index < 200; index++) {
      // JSON.stringify calls toJSON once for each time the event is encoded.
      const value = { kind: 'Text', text: { toJSON: toJson } as unknown as string } as const;
      runtime.last.emit({ type: 'node.output', node: 'hello', output: 'word', value });
      if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    runtime.last.finish();
    const clients = [first, ...others];
    await Promise.all(clients.map((client) => client.until(() => client.events.at(-1)?.type === 'run.finished')));
    const expected = Array.from({ length: 202 }, (_, seq) => seq);
    for (const client of clients) expect(client.events.map(({ seq }) => seq)).toEqual(expected);
    expect(toJson).toHaveBeenCalledTimes(200);
  });
});
