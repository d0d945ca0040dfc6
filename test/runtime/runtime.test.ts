import { describe, expect, it } from 'vitest';
import type { ModelInfo } from '../../src/protocol/model-info.ts';
import { type Call, deferred, eventsOf, graphOf, node, runtimeOf, settled, text, textsOf } from './sample-runtime.ts';

const CHAIN = graphOf(
  {
    one: { type: 'test/one' },
    up: { type: 'test/upper', in: { a: ['one', 'text'] } },
    pair: { type: 'test/pair', in: { a: ['up', 'text'], b: ['one', 'text'] } },
    aside: { type: 'test/upper', in: { a: ['one', 'text'] } },
  },
  { pair: ['pair', 'text'], up: ['up', 'text'] },
  { inputs: { text: { node: 'one', param: 'text' } } },
);

describe('a run', () => {
  it('takes text and objects, sets inputs, and gives outputs with a record', async () => {
    const runtime = runtimeOf();
    for (const graph of [CHAIN, JSON.stringify(CHAIN)]) {
      const result = await runtime.start(graph, { set: { text: 'hello' } }).result;
      expect(result.status).toBe('finished');
      expect(result.error).toBeUndefined();
      expect(result.failures).toEqual([]);
      expect(result.outputs).toEqual({
        pair: [{ value: text('HELLO-hello').text }],
        up: [{ value: text('HELLO').text }],
      });
      expect(result.record).toMatchObject({
        graph: 'test',
        nodes: { one: { type: 'test/one', version: 1, params: { text: 'hello' } } },
      });
      expect(JSON.parse(JSON.stringify(result.record)).signature).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('tells what a node says of its progress, and what there is so far of its outputs', async () => {
    const slow = node('test/slow', {
      inputs: {},
      run: async ({ context }: Call) => {
        context.progress(1, 2, 'half', text('a'));
        context.progress(2, 2);
        return text('ab');
      },
    });
    const run = runtimeOf([slow]).start(graphOf({ slow: { type: 'test/slow' } }, { text: ['slow', 'text'] }));
    const told = (await eventsOf(run)).filter(({ type }) => type === 'node.progress');
    expect(told).toMatchObject([
      { done: 1, total: 2, note: 'half', partial: text('a') },
      { done: 2, total: 2 },
    ]);
    expect(told[1]).not.toHaveProperty('partial');
  });

  it('runs only what is asked', async () => {
    const run = runtimeOf().start(CHAIN, { outputs: ['up'] });
    const result = await run.result;
    expect(Object.keys(result.outputs)).toEqual(['up']);
    const [, started] = await eventsOf(run);
    expect(started).toMatchObject({ type: 'run.started', nodes: ['one', 'up'] });
    expect(Object.keys(result.record.nodes)).toEqual(['one', 'up']);
  });

  it('numbers its events without gaps, from queued to finished', async () => {
    const events = await eventsOf(runtimeOf().start(CHAIN));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['run.queued', 'run.started']);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', failures: 0 });
    expect(events.map((event) => ('node' in event ? `${event.node} ${event.type}` : event.type))).toEqual([
      'run.queued',
      'run.started',
      'one node.started',
      'one node.output',
      'one node.finished',
      'up node.started',
      'up node.output',
      'up node.finished',
      'pair node.started',
      'pair node.output',
      'pair node.finished',
      'run.finished',
    ]);
  });

  it('runs independent nodes at the same time', async () => {
    const both = [deferred(), deferred()];
    const meet = (mine: number) =>
      node(`test/meet${mine}`, {
        inputs: {},
        // Each waits until the other has started.
        run: async () => {
          both[mine]!.resolve();
          await both[1 - mine]!.promise;
          return text('met');
        },
      });
    const graph = graphOf(
      { a: { type: 'test/meet0' }, b: { type: 'test/meet1' } },
      { a: ['a', 'text'], b: ['b', 'text'] },
    );
    const result = await runtimeOf([meet(0), meet(1)]).start(graph).result;
    expect(result.status).toBe('finished');
  });

  it('keeps to its concurrency', async () => {
    let now = 0;
    let most = 0;
    const busy = node('test/busy', {
      params: { n: { kind: 'number', default: 0, doc: '' } },
      inputs: {},
      run: async () => {
        most = Math.max(most, ++now);
        await settled(2);
        now--;
        return text('x');
      },
    });
    const nodes = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`n${n}`, { type: 'test/busy', params: { n } }]),
    );
    const outputs = Object.fromEntries(Object.keys(nodes).map((id) => [id, [id, 'text'] as [string, string]]));
    await runtimeOf([busy], { concurrency: 3 }).start(graphOf(nodes, outputs)).result;
    expect(most).toBe(3);
  });

  it('gives a chain of 3,000 nodes, and refuses one beyond the limit', async () => {
    const nodes: Record<string, { type: string; in?: Record<string, [string, string]> }> = { n0: { type: 'test/one' } };
    for (let n = 1; n < 3000; n++) nodes[`n${n}`] = { type: 'test/upper', in: { a: [`n${n - 1}`, 'text'] } };
    const graph = graphOf(nodes, { last: ['n2999', 'text'] });
    const result = await runtimeOf().start(graph).result;
    expect(textsOf(result, 'last')).toEqual(['ONE']);
    const refused = await runtimeOf([], { maxNodes: 2999 }).start(graph).result;
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'graph/too-large' } });
  });

  it('passes a failure down a chain of 3,000 nodes without running them or overflowing', async () => {
    const nodes: Record<string, { type: string; params?: { text: string }; in?: Record<string, [string, string]> }> = {
      n0: { type: 'test/one', params: { text: 'bad' } },
    };
    for (let n = 1; n < 3000; n++) nodes[`n${n}`] = { type: 'test/upper', in: { a: [`n${n - 1}`, 'text'] } };
    const run = runtimeOf().start(graphOf(nodes, { last: ['n2999', 'text'] }));
    const result = await run.result;
    expect(result).toMatchObject({ status: 'failed', error: { code: 'run/node-failed', node: 'n1' } });
    expect(result.failures).toHaveLength(1);
  });
});

describe('a graph with errors', () => {
  const broken = graphOf({ up: { type: 'test/upper' }, odd: { type: 'test/uper' } }, { x: ['up', 'text'] });

  it('does not start, and tells all of them', async () => {
    const run = runtimeOf().start(broken, { set: { nope: '1' }, outputs: ['y'] });
    const result = await run.result;
    expect(result.status).toBe('failed');
    expect(result.error).toMatchObject({ code: 'graph/invalid', exit: 3, status: 422 });
    expect(result.error?.errors?.map(({ code }) => code).sort()).toEqual([
      'graph/missing-input',
      'graph/unknown-graph-input',
      'graph/unknown-graph-output',
      'graph/unknown-type',
    ]);
    expect((await eventsOf(run)).map(({ type }) => type)).toEqual(['run.queued', 'run.failed']);
  });

  it('is told by validate without a run', async () => {
    const runtime = runtimeOf();
    const { graph, errors } = await runtime.validate(broken);
    expect(graph?.name).toBe('test');
    expect(errors.map(({ code }) => code).sort()).toEqual(['graph/missing-input', 'graph/unknown-type']);
    expect((await runtime.validate('{')).errors.map(({ code }) => code)).toEqual(['graph/not-json']);
    const set = await runtime.validate(CHAIN, { set: { text: 'new' } });
    expect(set.errors).toEqual([]);
    expect(set.graph?.nodes.one?.params).toEqual({ text: 'new' });
    expect(runtime.list()).toEqual([]);
  });

  it('that is no graph at all fails with that one error', async () => {
    const run = runtimeOf().start('not json');
    expect((await run.result).error?.code).toBe('graph/not-json');
    expect((await eventsOf(run)).map(({ type }) => type)).toEqual(['run.failed']);
  });
});

describe('models', () => {
  const info: ModelInfo = { ref: 'zoo/x', family: 'clip', source: 'zoo', space: 's', bytes: 1, hash: 'abc' };
  const loader = node('test/loader', {
    params: { model: { kind: 'model', families: [], default: 'zoo/x', doc: '' } },
    inputs: {},
    run: async () => text('loaded'),
  });
  const graph = graphOf({ m: { type: 'test/loader' }, one: { type: 'test/one' } }, { x: ['m', 'text'] });

  it('are looked up before the check, once, defaults included', async () => {
    const asked: (readonly string[])[] = [];
    const runtime = runtimeOf([loader], {
      modelsFor: async (refs) => {
        asked.push(refs);
        return (ref) => (ref === info.ref ? info : undefined);
      },
    });
    const result = await runtime.start(graph).result;
    expect(asked).toEqual([['zoo/x']]);
    expect(result.record.nodes.m).toMatchObject({ fingerprint: 'model=abc' });
  });

  it('that are missing stop the run with a remedy', async () => {
    const result = await runtimeOf([loader]).start(graph).result;
    expect(result.error?.errors?.map(({ code }) => code)).toEqual(['graph/missing-model']);
  });

  it('that cannot be looked up fail the run, not the process', async () => {
    const runtime = runtimeOf([loader], { modelsFor: () => Promise.reject(new Error('disk on fire')) });
    const result = await runtime.start(graph).result;
    expect(result).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });
});

describe('limits of runs', () => {
  const gate = () => {
    const open = deferred();
    const started: string[] = [];
    const wait = node('test/wait', {
      params: { text: { kind: 'text', default: '', doc: '' } },
      inputs: {},
      run: async ({ params }: Call) => {
        started.push(params.text as string);
        await open.promise;
        return text(params.text as string);
      },
    });
    const graph = (name: string) => graphOf({ w: { type: 'test/wait', params: { text: name } } }, { o: ['w', 'text'] });
    return { open, started, wait, graph };
  };

  it('take turns in the order of their start, whatever their checks take', async () => {
    const { open, started, wait, graph } = gate();
    const runtime = runtimeOf([wait], { maxRuns: 1, sliceMilliseconds: 1 });
    const idle = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`n${index}`, { type: 'test/wait', params: { text: 'idle' } }]),
    );
    const large = graphOf({ ...idle, w: { type: 'test/wait', params: { text: 'large' } } }, { o: ['w', 'text'] });
    const runs = [runtime.start(large), runtime.start(graph('small'))];
    open.resolve();
    for (const run of runs) expect((await run.result).status).toBe('finished');
    expect(started).toEqual(['large', 'small']);
  });

  it('queue more runs than may execute, and refuse more than may wait', async () => {
    const { open, started, wait, graph } = gate();
    const runtime = runtimeOf([wait], { maxRuns: 2, maxWaitingRuns: 1 });
    const runs = ['a', 'b', 'c', 'd'].map((name) => runtime.start(graph(name)));
    await settled();
    expect([...started].sort()).toEqual(['a', 'b']);
    expect(runs.map(({ status }) => status)).toEqual(['running', 'running', 'queued', 'failed']);
    expect((await runs[3]!.result).error).toMatchObject({ code: 'run/too-many', details: { limit: 3, received: 3 } });
    open.resolve();
    expect((await runs[2]!.result).status).toBe('finished');
    expect([...started].sort()).toEqual(['a', 'b', 'c']);
  });

  it('let a waiting run be cancelled, and the next one have its place', async () => {
    const { open, started, wait, graph } = gate();
    const runtime = runtimeOf([wait], { maxRuns: 1 });
    const runs = ['a', 'b', 'c'].map((name) => runtime.start(graph(name)));
    await settled();
    runs[1]!.cancel();
    open.resolve();
    expect((await Promise.all(runs.map(({ result }) => result))).map(({ status }) => status)).toEqual([
      'finished',
      'cancelled',
      'finished',
    ]);
    expect(started).toEqual(['a', 'c']);
  });

  it('keep finished runs, so many and no more', async () => {
    const runtime = runtimeOf([], { maxKeptRuns: 2 });
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      const run = runtime.start(CHAIN);
      ids.push(run.id);
      await run.result;
    }
    expect(ids.map((id) => runtime.get(id)?.id)).toEqual([undefined, undefined, ids[2], ids[3]]);
    expect(runtime.list().map(({ id }) => id)).toEqual(ids.slice(2));
    expect(runtime.get('nothing')).toBeUndefined();
  });

  it('run two at once without mixing their events', async () => {
    const runtime = runtimeOf();
    const runs = ['x', 'y'].map((name) => runtime.start(CHAIN, { set: { text: name } }));
    const [x, y] = await Promise.all(runs.map(({ result }) => result));
    expect([textsOf(x!, 'pair'), textsOf(y!, 'pair')]).toEqual([['X-x'], ['Y-y']]);
    for (const run of runs) {
      const events = await eventsOf(run);
      expect(new Set(events.map((event) => event.run))).toEqual(new Set([run.id]));
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    }
  });
});

describe('close', () => {
  it('cancels what runs, waits for calls that heed, and starts nothing more', async () => {
    let aborted = false;
    const heeds = node('test/heeds', {
      inputs: {},
      run: ({ context }: { context: { signal: AbortSignal } }) =>
        new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => {
            setTimeout(() => {
              aborted = true;
              reject(context.signal.reason);
            }, 5);
          });
        }),
    });
    const runtime = runtimeOf([heeds]);
    const run = runtime.start(graphOf({ h: { type: 'test/heeds' } }, { o: ['h', 'text'] }));
    await settled();
    await runtime.close();
    expect(aborted).toBe(true);
    expect((await run.result).status).toBe('cancelled');
    expect((await runtime.start(CHAIN).result).status).toBe('cancelled');
  });
});
