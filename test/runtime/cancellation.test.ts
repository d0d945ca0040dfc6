import { describe, expect, it } from 'vitest';
import { type Call, deferred, eventsOf, graphOf, node, runtimeOf, settled, text, textsOf } from './sample-runtime.ts';

const from = (id: string): [string, string] => [id, 'text'];

/** Lets the first `free` items through; the others wait until they are told to stop, or for ever. */
function stubborn(free: number, heeds: boolean) {
  const state = { calls: 0, aborted: 0 };
  const definition = node('test/stubborn', {
    run: ({ inputs, context }: Call) => {
      if (state.calls++ < free) return Promise.resolve(text(inputs.a!.text));
      return new Promise<never>((_, reject) => {
        context.signal.addEventListener('abort', () => {
          state.aborted++;
          if (heeds) reject(context.signal.reason);
        });
      });
    },
  });
  return { state, definition };
}

const graph = graphOf(
  { l: { type: 'test/list', params: { texts: [...'abcdefgh'] } }, s: { type: 'test/stubborn', in: { a: from('l') } } },
  { o: from('s') },
);

describe('cancellation', () => {
  it.each([true, false])(
    'in the middle of a list reaches the calls under way and keeps what was made (heeded: %s)',
    async (heeds) => {
      const { state, definition } = stubborn(3, heeds);
      const run = runtimeOf([definition], { concurrency: 2 }).start(graph);
      await settled(50);
      run.cancel('enough');
      expect(run.status).toBe('cancelled');
      const result = await run.result;
      expect(result).toMatchObject({ status: 'cancelled', error: { code: 'run/cancelled', exit: 130 } });
      expect(result.error?.message).toBe('The run was cancelled: enough.');
      expect(textsOf(result, 'o')).toEqual(['a', 'b', 'c']);
      expect(result.failures).toEqual([]);
      expect(state.aborted).toBe(2);
      const { calls } = state;
      await settled(50);
      expect(state.calls).toBe(calls);
      const events = await eventsOf(run);
      expect(events.at(-1)).toMatchObject({ type: 'run.cancelled', reason: 'enough' });
      expect(events.filter(({ type }) => type === 'node.failed')).toEqual([]);
    },
  );

  it('twice, or after the end, changes nothing', async () => {
    const run = runtimeOf().start(graphOf({ one: { type: 'test/one' } }, { o: from('one') }));
    expect((await run.result).status).toBe('finished');
    run.cancel();
    run.cancel();
    expect(run.status).toBe('finished');
    expect((await eventsOf(run)).filter(({ type }) => type.startsWith('run.c'))).toEqual([]);
  });

  it('comes from a signal, with its reason', async () => {
    const { definition } = stubborn(0, true);
    const controller = new AbortController();
    const run = runtimeOf([definition]).start(graph, { signal: controller.signal });
    await settled(50);
    controller.abort('the client went away');
    expect((await run.result).error?.message).toBe('The run was cancelled: the client went away.');
  });

  it('before the start runs nothing', async () => {
    const { state, definition } = stubborn(8, true);
    const run = runtimeOf([definition]).start(graph, { signal: AbortSignal.abort() });
    expect((await run.result).status).toBe('cancelled');
    expect((await eventsOf(run)).map(({ type }) => type)).toEqual(['run.queued', 'run.cancelled']);
    await settled(50);
    expect(state.calls).toBe(0);
  });

  it('while the graph is still being checked runs nothing', async () => {
    const models = deferred<() => undefined>();
    const loader = node('test/loader', {
      params: { model: { kind: 'model', families: [], default: 'm', doc: '' } },
      inputs: {},
      run: async () => text('never'),
    });
    const run = runtimeOf([loader], { modelsFor: () => models.promise }).start(
      graphOf({ m: { type: 'test/loader' } }, { o: from('m') }),
    );
    await settled();
    run.cancel();
    models.resolve(() => undefined);
    await settled();
    expect((await eventsOf(run)).map(({ type }) => type)).toEqual(['run.queued', 'run.cancelled']);
  });

  it('drops a batch that was still filling', async () => {
    let batches = 0;
    const batch = node('test/stubborn', {
      runBatch: async (calls: readonly unknown[]) => {
        batches++;
        return calls.map(() => text('x')) as never;
      },
    });
    const never = node('test/never', { inputs: {}, run: () => new Promise(() => {}) });
    const both = graphOf({ ...graph.nodes, n: { type: 'test/never' } }, { o: from('s'), n: from('n') });
    const run = runtimeOf([batch, never], { batchSize: 100, batchDelay: 20 }).start(both);
    await settled(5);
    run.cancel();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(batches).toBe(0);
    expect((await run.result).status).toBe('cancelled');
  });

  it('lets a late result still serve the next run', async () => {
    const open = deferred();
    let calls = 0;
    const deaf = node('test/stubborn', {
      run: async ({ inputs }: Call) => {
        calls++;
        await open.promise;
        return text(inputs.a!.text);
      },
    });
    const runtime = runtimeOf([deaf]);
    const single = graphOf(
      { one: { type: 'test/one' }, s: { type: 'test/stubborn', in: { a: from('one') } } },
      { o: from('s') },
    );
    const run = runtime.start(single);
    await settled();
    run.cancel();
    open.resolve();
    await settled();
    expect(textsOf(await runtime.start(single).result, 'o')).toEqual(['one']);
    expect(calls).toBe(1);
  });

  it('closes the source', async () => {
    let closed = false;
    const source = node('test/source', {
      inputs: {},
      emitsList: true,
      async *emit() {
        try {
          for (let n = 0; ; n++) yield { key: `${n}`, fingerprint: `${n}`, outputs: async () => text(`${n}`) };
        } finally {
          closed = true;
        }
      },
    });
    const { definition } = stubborn(0, true);
    const run = runtimeOf([source, definition]).start(
      graphOf({ l: { type: 'test/source' }, s: { type: 'test/stubborn', in: { a: from('l') } } }, { o: from('s') }),
    );
    await settled(50);
    run.cancel();
    await settled();
    expect(closed).toBe(true);
  });
});
