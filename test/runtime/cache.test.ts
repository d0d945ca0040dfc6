import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/protocol/value.ts';
import { MemoryCache } from '../../src/runtime/memory-cache.ts';
import {
  type Call,
  deferred,
  eventsOf,
  graphOf,
  node,
  runtimeOf,
  SAMPLES,
  settled,
  text,
  textsOf,
  typesOf,
} from './sample-runtime.ts';

const from = (id: string): [string, string] => [id, 'text'];

function counting(type = 'test/count') {
  const calls: string[] = [];
  const definition = node(type, {
    run: async ({ inputs }: Call) => {
      calls.push(inputs.a!.text);
      return text(`${inputs.a!.text}!`);
    },
  });
  return { calls, definition };
}

describe('the cache of a runtime', () => {
  const graph = (...texts: string[]) =>
    graphOf(
      { l: { type: 'test/list', params: { texts } }, c: { type: 'test/count', in: { a: from('l') } } },
      { o: from('c') },
    );

  it('answers a second run: node.cached instead of node.started, the same outputs', async () => {
    const { calls, definition } = counting();
    const runtime = runtimeOf([definition]);
    const first = await runtime.start(graph('a', 'b')).result;
    const run = runtime.start(graph('a', 'b'));
    const second = await run.result;
    expect(second.outputs).toEqual(first.outputs);
    expect(calls).toEqual(['a', 'b']);
    const events = await eventsOf(run);
    for (const id of ['l', 'c']) {
      expect(typesOf(events, id)).toEqual([
        'node.cached',
        'node.output',
        'node.cached',
        'node.output',
        'node.finished',
      ]);
    }
    expect(events.filter(({ type }) => type === 'node.started')).toEqual([]);
  });

  it('knows items one by one: a longer list runs only what is new', async () => {
    const { calls, definition } = counting();
    const source = node('test/items', {
      inputs: {},
      emitsList: true,
      async *emit({ context }: Call) {
        for (const key of context.services as unknown as string[])
          yield { key, fingerprint: key, outputs: async () => text(key) };
      },
    });
    const services = ['a', 'b'];
    const runtime = runtimeOf([definition, source], { services: services as never });
    const items = graphOf(
      { l: { type: 'test/items' }, c: { type: 'test/count', in: { a: from('l') } } },
      { o: from('c') },
    );
    await runtime.start(items).result;
    services.push('c');
    expect(textsOf(await runtime.start(items).result, 'o')).toEqual(['a!', 'b!', 'c!']);
    expect(calls).toEqual(['a', 'b', 'c']);
  });

  it.each<[string, object, object]>([
    ['version', { version: 2 }, {}],
    ['fingerprint', { fingerprint: async () => 'changed file' }, {}],
    ['parameter', {}, { k: 2 }],
  ])('does not answer after a change of %s', async (_, change, params) => {
    const { calls, definition } = counting();
    const specs = { params: { k: { kind: 'number', default: 1, doc: '' } }, fingerprint: async () => 'file' } as const;
    const counted: { definition: typeof definition } = { definition: { ...definition, ...specs } };
    const registry = new Map(SAMPLES.map((sample) => [sample.type, sample]));
    registry.set('test/count', counted.definition);
    const runtime = runtimeOf([], { registry });
    const asked = (given: object) =>
      graphOf(
        { one: { type: 'test/one' }, c: { type: 'test/count', params: { ...given }, in: { a: from('one') } } },
        { o: from('c') },
      );
    await runtime.start(asked({})).result;
    await runtime.start(asked({})).result;
    expect(calls).toHaveLength(1);
    registry.set('test/count', { ...counted.definition, ...change });
    await runtime.start(asked(params)).result;
    expect(calls).toHaveLength(2);
  });

  it('is not asked for sinks: they write each time', async () => {
    const { calls, definition } = counting();
    const runtime = runtimeOf([{ ...definition, sink: true }]);
    await runtime.start(graph('a')).result;
    await runtime.start(graph('a')).result;
    expect(calls).toEqual(['a', 'a']);
  });

  it('keeps no failures', async () => {
    let fail = true;
    const flaky = node('test/flaky', {
      inputs: {},
      run: async () => {
        if (fail) throw new Error('not yet');
        return text('done');
      },
    });
    const runtime = runtimeOf([flaky]);
    const once = graphOf({ f: { type: 'test/flaky' } }, { o: from('f') });
    expect((await runtime.start(once).result).status).toBe('failed');
    fail = false;
    expect(textsOf(await runtime.start(once).result, 'o')).toEqual(['done']);
  });

  it('of no bytes computes every time', async () => {
    const { calls, definition } = counting();
    const runtime = runtimeOf([definition], { cacheBytes: 0 });
    await runtime.start(graph('a')).result;
    await runtime.start(graph('a')).result;
    expect(calls).toEqual(['a', 'a']);
  });
});

describe('one computation for equal signatures', () => {
  const slow = () => {
    const open = deferred();
    const state = { calls: 0 };
    const definition = node('test/slow', {
      run: async ({ inputs, context }: Call) => {
        state.calls++;
        await Promise.race([
          open.promise,
          new Promise((_, reject) => {
            context.signal.addEventListener('abort', () => reject(context.signal.reason));
          }),
        ]);
        if (inputs.a!.text === 'bad') throw new Error('bad');
        return text(`${inputs.a!.text}!`);
      },
    });
    return { open, state, definition };
  };
  const graph = (content: string) =>
    graphOf(
      {
        one: { type: 'test/one', params: { text: content } },
        x: { type: 'test/slow', in: { a: from('one') } },
        y: { type: 'test/slow', in: { a: from('one') } },
      },
      { x: from('x'), y: from('y') },
    );

  it('within a run and among runs', async () => {
    const { open, state, definition } = slow();
    const runtime = runtimeOf([definition]);
    const runs = [runtime.start(graph('a')), runtime.start(graph('a'))];
    await settled();
    open.resolve();
    for (const { result } of runs)
      expect([textsOf(await result, 'x'), textsOf(await result, 'y')]).toEqual([['a!'], ['a!']]);
    expect(state.calls).toBe(1);
  });

  it('fails all who waited, each at its own place', async () => {
    const { open, state, definition } = slow();
    const run = runtimeOf([definition]).start(graph('bad'));
    await settled();
    open.resolve();
    expect((await run.result).failures.map(({ node: id, error }) => [id, error.node, error.code])).toEqual([
      ['x', 'x', 'run/node-failed'],
      ['y', 'y', 'run/node-failed'],
    ]);
    expect(state.calls).toBe(1);
  });

  it('is taken over when the run that computes is cancelled', async () => {
    const { open, state, definition } = slow();
    const runtime = runtimeOf([definition]);
    const first = runtime.start(graph('a'));
    await settled();
    const second = runtime.start(graph('a'));
    await settled();
    first.cancel();
    await settled();
    expect(state.calls).toBe(2);
    open.resolve();
    expect(textsOf(await second.result, 'x')).toEqual(['a!']);
    expect((await first.result).status).toBe('cancelled');
  });
});

describe('MemoryCache', () => {
  const picture = (bytes: number): { image: Value } => ({
    image: { kind: 'Image', width: 1, height: 1, data: new Uint8Array(bytes) },
  });

  it('drops what was not used for longest, and never holds more bytes than it may', () => {
    const cache = new MemoryCache(3500);
    for (const name of ['a', 'b', 'c']) cache.set(name, picture(1000));
    expect(cache.get('a')).toBeDefined();
    cache.set('d', picture(1000));
    expect(['a', 'b', 'c', 'd'].map((name) => cache.get(name) !== undefined)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBeLessThanOrEqual(3500);
    expect(cache.size).toBe(3);
  });

  it('counts an entry that is set again once', () => {
    const cache = new MemoryCache(10_000);
    cache.set('a', picture(1000));
    const { bytes } = cache;
    cache.set('a', picture(1000));
    expect(cache.bytes).toBe(bytes);
    cache.clear();
    expect([cache.bytes, cache.size]).toEqual([0, 0]);
  });

  it('does not keep what is bigger than itself, and does not empty itself for it', () => {
    const cache = new MemoryCache(2000);
    cache.set('small', picture(1000));
    cache.set('huge', picture(5000));
    expect([cache.get('small') !== undefined, cache.get('huge')]).toEqual([true, undefined]);
  });
});
