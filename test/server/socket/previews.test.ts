import { describe, expect, it } from 'vitest';
import type { PreviewsApi } from '../../../src/protocol/application.ts';
import type { ImageValue, Value } from '../../../src/protocol/value.ts';
import { exampleGraph, fakeApplication } from '../fake-application.ts';
import { connect, listen } from '../listening.ts';
import { ScriptedRuntime } from '../scripted-runtime.ts';

const image = (width: number): ImageValue => ({ kind: 'Image', width, height: 1, data: new Uint8Array(width * 3) });

async function setUp(encode: PreviewsApi['encode'], limits = {}) {
  const runtime = new ScriptedRuntime();
  runtime.script = () => {};
  const server = await listen(fakeApplication(runtime, { previews: { encode } }), { limits });
  const emit = (value: Value, released?: true) =>
    runtime.last.emit({
      type: 'node.output',
      node: 'hello',
      output: 'word',
      item: { index: 0, key: 'cat.png' },
      value,
      ...(released === undefined ? {} : { released }),
    });
  return { runtime, server, client: await connect(server), emit };
}

const byWidth: PreviewsApi['encode'] = async (value) =>
  value.kind === 'Image' ? { mime: 'image/png', bytes: Uint8Array.of(value.width) } : undefined;

describe('previews', () => {
  it('come as binary frames that name their event, only when asked for', async () => {
    const { runtime, server, client, emit } = await setUp(byWidth);
    const plain = await connect(server);
    await client.ask({ type: 'submit', graph: exampleGraph, previews: true });
    await plain.ask({ type: 'subscribe', run: 'run-1' });
    emit(image(9));
    await client.until(() => client.previews.length === 1);
    expect(client.previews[0]?.header).toEqual({
      run: 'run-1',
      seq: 1,
      node: 'hello',
      output: 'word',
      item: { index: 0, key: 'cat.png' },
      mime: 'image/png',
    });
    expect([...(client.previews[0]?.picture ?? [])]).toEqual([9]);
    runtime.last.finish();
    await plain.until(() => plain.events.at(-1)?.type === 'run.finished');
    expect(plain.previews).toEqual([]);
  });

  it('are of pictures, videos and masks only', async () => {
    const { client, emit } = await setUp(async ({ kind }) => ({ mime: 'image/png', bytes: Buffer.from(kind) }));
    await client.ask({ type: 'submit', graph: exampleGraph, previews: true });
    emit({ kind: 'Labels', labels: [] });
    emit({ kind: 'Masks', width: 1, height: 1, masks: [] });
    emit({ kind: 'Video', frames: [] });
    emit(image(1));
    await client.until(() => client.previews.length === 3);
    const kinds = client.previews.map(({ picture }) => Buffer.from(picture).toString());
    expect(kinds.sort()).toEqual(['Image', 'Masks', 'Video']);
  });

  it('are made again on replay, unless the pixels are gone', async () => {
    const { runtime, server, client, emit } = await setUp(byWidth);
    await client.ask({ type: 'submit', graph: exampleGraph });
    emit(image(5));
    emit(image(6), true);
    runtime.last.finish();
    const late = await connect(server);
    await late.ask({ type: 'subscribe', run: 'run-1', previews: true });
    await late.until(() => late.events.length === 4 && late.previews.length === 1);
    expect([...(late.previews[0]?.picture ?? [])]).toEqual([5]);
  });

  it('are made once for several clients', async () => {
    let count = 0;
    const { client, server, emit } = await setUp(async (...given) => {
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return byWidth(...given);
    });
    const other = await connect(server);
    await client.ask({ type: 'submit', graph: exampleGraph, previews: true });
    await other.ask({ type: 'subscribe', run: 'run-1', previews: true });
    emit(image(3));
    await client.until(() => client.previews.length === 1);
    await other.until(() => other.previews.length === 1);
    const late = await connect(server);
    await late.ask({ type: 'subscribe', run: 'run-1', previews: true });
    await late.until(() => late.previews.length === 1);
    expect(count).toBe(1);
  });

  it('are given up, oldest first, when more are wanted than can be made', async () => {
    const wanted: (() => void)[] = [];
    const { runtime, client, emit } = await setUp(
      async (...given) => {
        await new Promise<void>((resolve) => wanted.push(resolve));
        return byWidth(...given);
      },
      { previewQueue: 3 },
    );
    await client.ask({ type: 'submit', graph: exampleGraph, previews: true });
    for (let width = 1; width <= 10; width++) emit(image(width));
    runtime.last.finish();
    await client.until(() => client.events.at(-1)?.type === 'run.finished');
    while (client.previews.length < 5) {
      for (const go of wanted.splice(0)) go();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(client.previews.map(({ picture }) => picture[0]).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
      1, 2, 8, 9, 10,
    ]);
  });

  it('that cannot be made harm nothing', async () => {
    const { runtime, client, emit } = await setUp(async (value) => {
      if (value.kind === 'Image' && value.width === 1) throw new TypeError('broken');
      return byWidth(value, 0);
    });
    await client.ask({ type: 'submit', graph: exampleGraph, previews: true });
    emit(image(1));
    emit({ kind: 'Boxes', boxes: [], imageWidth: 1, imageHeight: 1 });
    emit(image(2));
    runtime.last.finish();
    await client.until(() => client.events.length === 5 && client.previews.length === 1);
    expect(client.previews[0]?.picture[0]).toBe(2);
  });
});
