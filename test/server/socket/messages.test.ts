import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import { exampleGraph, fakeApplication } from '../fake-application.ts';
import { type Client, connect, listen } from '../listening.ts';
import { ScriptedRuntime } from '../scripted-runtime.ts';

async function setUp(limits = {}) {
  const runtime = new ScriptedRuntime();
  runtime.script = (run) => run.emit({ type: 'run.started', nodes: ['hello'] });
  const server = await listen(fakeApplication(runtime), { limits });
  return { runtime, server, client: await connect(server) };
}

const types = (client: Client) => client.events.map((event) => event.type);

describe('submit', () => {
  it('is replied to with the run, and its events follow, live', async () => {
    const { client, runtime } = await setUp();
    const message = { type: 'submit', id: 'first', graph: exampleGraph, set: { word: 'hi' }, outputs: ['word'] };
    expect(await client.askRaw(JSON.stringify(message))).toEqual({ type: 'reply', id: 'first', run: 'run-1' });
    expect(runtime.last.options).toEqual({ set: { word: 'hi' }, outputs: ['word'] });
    await client.until(() => client.events.length === 2);
    runtime.last.emit({ type: 'node.output', node: 'hello', output: 'word', value: { kind: 'Text', text: 'hi' } });
    runtime.last.finish();
    await client.until(() => types(client).includes('run.finished'));
    expect(client.events.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(client.events[2]).toMatchObject({ run: 'run-1', value: { kind: 'Text', text: 'hi' } });
  });

  it('tells pixels by their size, never as numbers', async () => {
    const { client, runtime } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    const value = { kind: 'Image', width: 2, height: 1, data: new Uint8Array(6), name: 'a.png' } as const;
    runtime.last.emit({ type: 'node.output', node: 'hello', output: 'word', value });
    await client.until(() => types(client).includes('node.output'));
    expect(client.events.at(-1)).toMatchObject({ value: { kind: 'Image', width: 2, height: 1, name: 'a.png' } });
    expect(client.events.at(-1)).not.toHaveProperty('value.data');
  });

  it('tells what there is so far of outputs, pixels by their size', async () => {
    const { client, runtime } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    const partial = {
      word: { kind: 'Text', text: 'h' },
      picture: { kind: 'Image', width: 2, height: 1, data: new Uint8Array(6) },
    } as const;
    runtime.last.emit({ type: 'node.progress', node: 'hello', done: 1, partial });
    await client.until(() => types(client).includes('node.progress'));
    expect(client.events.at(-1)).toMatchObject({ done: 1, partial: { word: partial.word } });
    expect(client.events.at(-1)).toHaveProperty('partial.picture', { kind: 'Image', width: 2, height: 1 });
  });

  it('that the runtime refuses is an error reply', async () => {
    const { client, runtime } = await setUp();
    runtime.script = () => {
      throw new WeftError('run/too-many', { limit: 1, received: 1 });
    };
    expect(await client.ask({ type: 'submit', graph: exampleGraph })).toMatchObject({
      error: { code: 'run/too-many' },
    });
  });
});

describe('subscribe', () => {
  it('replays from a number, then goes on live, without gap or repetition', async () => {
    const { client, runtime, server } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    for (let done = 0; done < 50; done++) runtime.last.emit({ type: 'node.progress', node: 'hello', done });
    const other = await connect(server);
    expect(await other.ask({ type: 'subscribe', run: 'run-1', from: 20 })).toMatchObject({ run: 'run-1' });
    for (let done = 50; done < 100; done++) runtime.last.emit({ type: 'node.progress', node: 'hello', done });
    runtime.last.finish();
    await other.until(() => types(other).includes('run.finished'));
    expect(other.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 83 }, (_, index) => index + 20));
  });

  it('works after the end, and from beyond it', async () => {
    const { client, runtime, server } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    runtime.last.finish();
    const other = await connect(server);
    await other.ask({ type: 'subscribe', run: 'run-1' });
    await other.until(() => other.events.length === 3);
    expect(await other.ask({ type: 'subscribe', run: 'run-1', from: 1000 })).toMatchObject({ run: 'run-1' });
    await other.ask({ type: 'subscribe', run: 'run-1', from: 2 });
    await other.until(() => other.events.length === 4);
    expect(other.events.at(-1)).toMatchObject({ seq: 2, type: 'run.finished' });
  });

  it('a second time takes the place of the first', async () => {
    const { client, runtime } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    await client.until(() => client.events.length === 2);
    await client.ask({ type: 'subscribe', run: 'run-1', from: 2 });
    runtime.last.finish();
    await client.until(() => types(client).includes('run.finished'));
    await client.ask({ type: 'cancel', run: 'run-1' });
    expect(client.events.map(({ seq }) => seq)).toEqual([0, 1, 2]);
  });

  it('ends with unsubscribe; the run goes on', async () => {
    const { client, runtime } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    await client.until(() => client.events.length === 2);
    expect(await client.ask({ type: 'unsubscribe', run: 'run-1' })).toMatchObject({ run: 'run-1' });
    runtime.last.emit({ type: 'node.started', node: 'hello' });
    expect(await client.ask({ type: 'unsubscribe', run: 'run-1' })).toMatchObject({ run: 'run-1' });
    expect(client.events).toHaveLength(2);
    expect(runtime.last.status).toBe('running');
  });

  it('outlives its connection: the run goes on and another client takes up where it stopped', async () => {
    const { client, runtime, server } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    await client.until(() => client.events.length === 2);
    client.socket.terminate();
    await once(client.socket, 'close');
    runtime.last.finish();
    const back = await connect(server);
    await back.ask({ type: 'subscribe', run: 'run-1', from: 2 });
    await back.until(() => back.events.length === 1);
    expect(back.events[0]).toMatchObject({ seq: 2, type: 'run.finished' });
  });
});

describe('cancel', () => {
  it('cancels the run', async () => {
    const { client, runtime } = await setUp();
    await client.ask({ type: 'submit', graph: exampleGraph });
    expect(await client.ask({ type: 'cancel', run: 'run-1' })).toMatchObject({ run: 'run-1' });
    await client.until(() => types(client).includes('run.cancelled'));
    expect(runtime.last.status).toBe('cancelled');
  });

  it.each(['cancel', 'subscribe', 'unsubscribe'])('and its like tell an unknown run: %s', async (type) => {
    const { client } = await setUp();
    expect(await client.ask({ type, run: 'nobody' })).toMatchObject({ error: { code: 'run/unknown-run' } });
  });
});

describe('a bad message', () => {
  it.each([
    ['no JSON', '{"type":', null, 'the message'],
    ['an empty message', '', null, 'the message'],
    ['binary data', Buffer.from('{}'), null, 'the message'],
    ['null', 'null', null, '"type" of the message'],
    ['an array', '[]', null, '"type" of the message'],
    ['an unknown type', '{"type":"explode","id":7}', 7, '"type" of the message'],
    ['no id', '{"type":"cancel","run":"run-1"}', null, '"id" of the message'],
    ['an id that is too long', `{"type":"cancel","run":"a","id":"${'x'.repeat(65)}"}`, null, '"id" of the message'],
    ['no graph', '{"type":"submit","id":1}', 1, '"graph" of the message'],
    ['a negative number', '{"type":"subscribe","id":1,"run":"run-1","from":-1}', 1, '"from" of the message'],
    ['an unknown field', '{"type":"cancel","id":1,"run":"run-1","now":true}', 1, 'the message'],
  ])('is answered and the connection lives: %s', async (_, frame, id, where) => {
    const { client } = await setUp();
    const reply = await client.askRaw(frame);
    expect(reply).toMatchObject({ type: 'reply', id, error: { code: 'server/bad-request', details: { where } } });
    expect(await client.ask({ type: 'submit', graph: exampleGraph })).toMatchObject({ run: 'run-1' });
  });

  it('that is too large is answered; far too large ends the connection, and no other', async () => {
    const { client, server } = await setUp({ messageBytes: 1000 });
    const other = await connect(server);
    const reply = await client.askRaw(JSON.stringify({ type: 'submit', id: 1, graph: { x: 'x'.repeat(1000) } }));
    expect(reply).toMatchObject({ id: null, error: { code: 'input/too-large' } });
    expect(await client.ask({ type: 'submit', graph: {} })).toMatchObject({ run: 'run-1' });
    client.socket.send('x'.repeat(3000));
    expect((await once(client.socket, 'close'))[0]).toBe(1009);
    expect(await other.ask({ type: 'submit', graph: {} })).toMatchObject({ run: 'run-2' });
  });

  it('that meets a defect is answered generically', async () => {
    const { client, runtime } = await setUp();
    runtime.script = () => {
      throw new TypeError('secret');
    };
    const reply = await client.ask({ type: 'submit', graph: exampleGraph });
    expect(reply).toMatchObject({ error: { code: 'internal' } });
    expect(JSON.stringify(reply)).not.toContain('secret');
  });
});
