import { describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import type { TextValue, Value } from '../../src/protocol/value.ts';
import {
  type Call,
  eventsOf,
  graphOf,
  LIST,
  node,
  runtimeOf,
  text,
  textsOf,
  typesOf,
  UPPER,
} from './sample-runtime.ts';

const list = (...texts: string[]) => ({ type: 'test/list', params: { texts } });
const from = (id: string): [string, string] => [id, 'text'];

describe('a failing item', () => {
  it('does not lose its siblings, and is told with node, item, reason and cause', async () => {
    const graph = graphOf(
      {
        l: list('a', 'bad', 'c'),
        u: { type: 'test/upper', in: { a: from('l') } },
        v: { type: 'test/upper', in: { a: from('u') } },
      },
      { o: from('v') },
    );
    const run = runtimeOf().start(graph);
    const result = await run.result;
    expect(result.status).toBe('finished');
    expect(textsOf(result, 'o')).toEqual(['A', 'C']);
    expect(result.outputs.o?.map(({ item }) => item?.index)).toEqual([0, 2]);
    expect(result.failures).toMatchObject([
      {
        node: 'u',
        item: { index: 1, key: 'bad' },
        error: {
          code: 'run/node-failed',
          node: 'u',
          item: 'bad',
          message: 'Node "u" (test/upper) failed: does not like "bad".',
        },
      },
    ]);
    const events = await eventsOf(run);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', failures: 1 });
    expect(events.find((event) => event.type === 'node.finished' && event.node === 'v')).toMatchObject({
      items: 2,
      failed: 1,
    });
    // What was skipped is no failure of its own.
    expect(events.filter(({ type }) => type === 'node.failed')).toHaveLength(1);
  });

  it('that the source could not even emit is the same', async () => {
    const graph = graphOf(
      { l: list('a', 'error:b', 'c'), u: { type: 'test/upper', in: { a: from('l') } } },
      { o: from('u') },
    );
    const result = await runtimeOf().start(graph).result;
    expect(textsOf(result, 'o')).toEqual(['A', 'C']);
    expect(result.failures).toMatchObject([
      { node: 'l', item: { index: 1 }, error: { code: 'input/bad-image', node: 'l', item: 'error:b' } },
    ]);
  });

  it('is left out of a whole list; a list that lost all its items fails what needs it', async () => {
    const graph = (...texts: string[]) =>
      graphOf(
        {
          l: list(...texts),
          u: { type: 'test/upper', in: { a: from('l') } },
          j: { type: 'test/join', in: { a: from('u') } },
        },
        { o: from('j') },
      );
    expect(textsOf(await runtimeOf().start(graph('a', 'bad', 'c')).result, 'o')).toEqual(['A+C']);
    expect(await runtimeOf().start(graph('bad')).result).toMatchObject({ status: 'failed', outputs: { o: [] } });
  });
});

describe('a source that fails as a whole before it has an item', () => {
  const broken = {
    ...LIST,
    type: 'test/broken',
    emit: () => {
      throw new WeftError('input/empty', { what: 'pictures', path: 'x' });
    },
  };

  it('fails what takes its list whole, also behind a mapped node, and the run with it', async () => {
    let calls = 0;
    const sink = node('test/sink', {
      inputs: { a: { type: { kind: 'Text' }, doc: '', whole: true } },
      outputs: {},
      sink: true,
      run: async () => {
        calls++;
        return {};
      },
    });
    const graph = graphOf({
      h: { type: 'test/broken' },
      u: { type: 'test/upper', in: { a: from('h') } },
      s: { type: 'test/sink', in: { a: from('h') } },
      t: { type: 'test/sink', in: { a: from('u') } },
    });
    const result = await runtimeOf([broken, sink]).start(graph).result;
    expect(calls).toBe(0);
    expect(result).toMatchObject({ status: 'failed', error: { code: 'input/empty', node: 'h' } });
    expect(result.failures).toHaveLength(1);
  });
});

describe('a failing branch', () => {
  const nodes = {
    one: { type: 'test/one', params: { text: 'bad' } },
    u: { type: 'test/upper', in: { a: from('one') } },
    p: { type: 'test/pair', in: { a: from('one') } },
  };

  it('does not lose other outputs', async () => {
    const result = await runtimeOf().start(graphOf(nodes, { u: from('u'), p: from('p') })).result;
    expect(result).toMatchObject({ status: 'finished', outputs: { u: [], p: [{ value: { text: 'bad' } }] } });
    expect(result.failures).toHaveLength(1);
  });

  it('fails the run when nothing that was asked is left', async () => {
    const run = runtimeOf().start(graphOf(nodes, { u: from('u'), p: from('p') }), { outputs: ['u'] });
    const result = await run.result;
    expect(result).toMatchObject({ status: 'failed', error: { code: 'run/node-failed', node: 'u' } });
    expect((await eventsOf(run)).at(-1)).toMatchObject({ type: 'run.failed', error: { code: 'run/node-failed' } });
  });

  it('does not stop a sink of another branch', async () => {
    const written: string[] = [];
    const sink = node('test/sink', {
      outputs: {},
      sink: true,
      run: async ({ inputs }: Call<{ a: TextValue }>) => {
        written.push(inputs.a.text);
        return {};
      },
    });
    const graph = graphOf({
      ...nodes,
      s: { type: 'test/sink', in: { a: from('p') } },
      t: { type: 'test/sink', in: { a: from('u') } },
    });
    const result = await runtimeOf([sink]).start(graph).result;
    expect(written).toEqual(['bad']);
    expect(result).toMatchObject({ status: 'finished', outputs: {} });
  });
});

describe('what a node throws', () => {
  const thrower = (thrown: unknown, parts: object = {}) =>
    node('test/thrower', { inputs: {}, run: () => Promise.reject(thrown), ...parts });
  const graph = graphOf({ t: { type: 'test/thrower' } }, { o: from('t') });
  const errorOf = async (thrown: unknown) => (await runtimeOf([thrower(thrown)]).start(graph).result).error;

  it('keeps the code of our errors and adds the place', async () => {
    expect(await errorOf(new WeftError('input/not-found', { path: 'x', base: 'y' }))).toMatchObject({
      code: 'input/not-found',
      node: 't',
    });
  });

  it.each([['a text'], [null], [0], [new Error('')], [{ odd: true }]])('survives %j', async (thrown) => {
    expect(await errorOf(thrown)).toMatchObject({ code: 'run/node-failed', node: 't', cause: thrown });
  });

  it('is told the same when it throws at once', async () => {
    const sync = thrower(undefined, {
      run: () => {
        throw new RangeError('too far');
      },
    });
    expect((await runtimeOf([sync]).start(graph).result).error).toMatchObject({
      code: 'run/node-failed',
      details: { reason: 'too far' },
    });
  });

  it('in its fingerprint fails the node once, not each item', async () => {
    const printer = node('test/thrower', {
      fingerprint: () => Promise.reject(new WeftError('model/not-found', { model: 'm' })),
      run: async () => text('never'),
    });
    const run = runtimeOf([printer]).start(
      graphOf({ l: list('a', 'b'), t: { type: 'test/thrower', in: { a: from('l') } } }, { o: from('t') }),
    );
    expect((await run.result).failures).toMatchObject([{ node: 't', error: { code: 'model/not-found', node: 't' } }]);
    expect(typesOf(await eventsOf(run), 't')).toEqual(['node.failed', 'node.finished']);
  });

  it('in the middle of emitting keeps the items before', async () => {
    const half = {
      ...LIST,
      type: 'test/half',
      async *emit() {
        yield { key: 'a', fingerprint: 'a', outputs: async () => text('a') };
        throw new Error('the folder went away');
      },
    };
    const result = await runtimeOf([half]).start(
      graphOf({ h: { type: 'test/half' }, u: { type: 'test/upper', in: { a: from('h') } } }, { o: from('u') }),
    ).result;
    expect(textsOf(result, 'o')).toEqual(['A']);
    expect(result.failures).toMatchObject([
      { node: 'h', error: { code: 'run/node-failed', details: { reason: 'the folder went away' } } },
    ]);
  });

  it('before emitting anything fails the node', async () => {
    const none = {
      ...LIST,
      type: 'test/none',
      emit: () => {
        throw new WeftError('input/empty', { what: 'pictures', path: 'x' });
      },
    };
    expect(await runtimeOf([none]).start(graphOf({ h: { type: 'test/none' } }, { o: from('h') })).result).toMatchObject(
      {
        status: 'failed',
        error: { code: 'input/empty', node: 'h' },
      },
    );
  });
});

describe('what a node gives', () => {
  const gives = (kind: string, value: unknown) =>
    node('test/gives', {
      inputs: {},
      outputs: {
        out: { type: kind === 'Tensor' ? { kind, dtype: 'float32', shape: [2, null] } : { kind }, doc: '' },
      } as never,
      run: async () => value as never,
    });
  const run = async (kind: string, value: unknown) =>
    runtimeOf([gives(kind, value)]).start(graphOf({ g: { type: 'test/gives' } }, { o: ['g', 'out'] })).result;
  const tensor = (over: object): { out: Value } =>
    ({ out: { kind: 'Tensor', dtype: 'float32', shape: [2, 3], data: new Float32Array(6), ...over } }) as {
      out: Value;
    };

  it.each<[string, unknown, string]>([
    ['Text', undefined, 'undefined'],
    ['Text', {}, 'nothing'],
    ['Text', { out: { kind: 'Labels', labels: [] } }, 'Labels'],
    ['Image', { out: { kind: 'Image', width: 2, height: 2, data: new Uint8Array(11) } }, '11 bytes for 2 x 2'],
    ['Tensor', tensor({ shape: [2, 4] }), '6 numbers for shape 2 x 4'],
    ['Tensor', tensor({ shape: [3, 2] }), 'shape 3 x 2'],
    ['Tensor', tensor({ dtype: 'int32', data: new Int32Array(6) }), 'Tensor<int32>'],
    ['Tensor', tensor({ data: new Uint8Array(6) }), 'float32 data in a Uint8Array'],
    ['Features', { out: { kind: 'Features', seq: 2, dim: 2, data: new Float32Array(3) } }, '3 numbers for 2 x 2'],
    [
      'Embedding',
      { out: { kind: 'Embedding', space: 's', data: new Float32Array(0) } },
      'an embedding without float32 numbers',
    ],
  ])('is refused as %s when it is %j', async (kind, value, received) => {
    expect((await run(kind, value)).error).toMatchObject({ code: 'run/bad-output', node: 'g', details: { received } });
  });

  it('is taken when it is as promised', async () => {
    expect((await run('Tensor', tensor({}))).status).toBe('finished');
    expect((await run('Any', { out: { kind: 'Text', text: 'x' } })).status).toBe('finished');
  });
});

describe('batches', () => {
  const batcher = (sizes: number[], runBatch?: (texts: readonly string[]) => readonly (string | WeftError)[]) =>
    node('test/batch', {
      run: UPPER.run!,
      runBatch: async (calls: readonly { a: TextValue }[]) => {
        const texts = calls.map(({ a }) => a.text);
        sizes.push(texts.length);
        return (runBatch?.(texts) ?? texts).map((result) =>
          typeof result === 'string' ? text(result) : result,
        ) as never;
      },
    });
  const graph = (...texts: string[]) =>
    graphOf({ l: list(...texts), b: { type: 'test/batch', in: { a: from('l') } } }, { o: from('b') });

  it('hold as many items as fit, and the rest does not wait for the delay', async () => {
    const sizes: number[] = [];
    const letters = [...'abcdefghijk'];
    const result = await runtimeOf([batcher(sizes)], { batchSize: 4, batchDelay: 60_000 }).start(graph(...letters))
      .result;
    expect(textsOf(result, 'o')).toEqual(letters);
    expect(sizes).toEqual([4, 4, 3]);
  });

  it('go when the delay is over, although other work is under way', async () => {
    const sizes: number[] = [];
    const never = node('test/never', { inputs: {}, run: () => new Promise(() => {}) });
    const both = graph('a', 'b');
    both.nodes.n = { type: 'test/never' };
    both.outputs!.n = from('n');
    const run = runtimeOf([batcher(sizes), never], { batchDelay: 300 }).start(both);
    await new Promise<void>((resolve) => {
      run.subscribe((event) => {
        if (event.type === 'node.finished' && event.node === 'b') resolve();
      });
    });
    expect(sizes).toEqual([2]);
    run.cancel();
  });

  it('lose only the item that is an error', async () => {
    const bad = new WeftError('input/bad-image', { name: 'b', reason: 'cut' });
    const result = await runtimeOf([batcher([], (texts) => texts.map((item) => (item === 'b' ? bad : item)))]).start(
      graph('a', 'b', 'c'),
    ).result;
    expect(textsOf(result, 'o')).toEqual(['a', 'c']);
    expect(result.failures).toMatchObject([
      { node: 'b', item: { index: 1, key: 'b' }, error: { code: 'input/bad-image', item: 'b' } },
    ]);
  });

  it('that throw as a whole are repeated item by item', async () => {
    const sizes: number[] = [];
    const throws = batcher(sizes, (texts) => {
      if (texts.includes('b')) throw new Error('cannot do b');
      return texts;
    });
    const result = await runtimeOf([throws], { batchSize: 3, batchDelay: 60_000 }).start(graph('a', 'b', 'c')).result;
    expect(textsOf(result, 'o')).toEqual(['a', 'c']);
    expect(sizes).toEqual([3, 1, 1, 1]);
    expect(result.failures).toMatchObject([{ item: { key: 'b' }, error: { code: 'run/node-failed' } }]);
  });

  it('that give another number of results are a defect of the node', async () => {
    const result = await runtimeOf([batcher([], () => [])]).start(graph('a', 'b')).result;
    expect(result.error).toMatchObject({ code: 'run/bad-output' });
    expect(result.failures).toHaveLength(2);
  });

  it('are not used for a single value where there is a run', async () => {
    const sizes: number[] = [];
    const single = graphOf(
      { one: { type: 'test/one' }, b: { type: 'test/batch', in: { a: from('one') } } },
      { o: from('b') },
    );
    expect(textsOf(await runtimeOf([batcher(sizes)]).start(single).result, 'o')).toEqual(['ONE']);
    expect(sizes).toEqual([]);
  });
});
