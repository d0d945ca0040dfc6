import { describe, expect, it } from 'vitest';
import type { EmittedItem } from '../../src/protocol/node.ts';
import type { TextValue } from '../../src/protocol/value.ts';
import {
  type Call,
  deferred,
  eventsOf,
  graphOf,
  node,
  runtimeOf,
  settled,
  type Texts,
  text,
  textsOf,
  typesOf,
} from './sample-runtime.ts';

const list = (...texts: string[]) => ({ type: 'test/list', params: { texts } });
const from = (id: string): [string, string] => [id, 'text'];

describe('a list', () => {
  it('is mapped item by item, in item order, with keys', async () => {
    const graph = graphOf(
      { l: list('a', 'b', 'c'), u: { type: 'test/upper', in: { a: from('l') } } },
      { o: from('u') },
    );
    const run = runtimeOf().start(graph);
    const result = await run.result;
    expect(result.outputs.o).toEqual(
      ['a', 'b', 'c'].map((key, index) => ({ item: { index, key }, value: text(key.toUpperCase()).text })),
    );
    const finished = (await eventsOf(run)).filter(({ type }) => type === 'node.finished');
    expect(finished).toMatchObject([
      { node: 'l', items: 3, failed: 0, cached: 0 },
      { node: 'u', items: 3, failed: 0, cached: 0 },
    ]);
  });

  it('moves on before it is complete: the first item is through while the source still waits', async () => {
    const more = deferred();
    const slow = node('test/slow-list', {
      inputs: {},
      emitsList: true,
      async *emit(): AsyncGenerator<EmittedItem<Texts>> {
        yield { key: 'first', fingerprint: '1', outputs: async () => text('first') };
        await more.promise;
        yield { key: 'second', fingerprint: '2', outputs: async () => text('second') };
      },
    });
    const graph = graphOf(
      {
        l: { type: 'test/slow-list' },
        u: { type: 'test/upper', in: { a: from('l') } },
        v: { type: 'test/upper', in: { a: from('u') } },
      },
      { o: from('v') },
    );
    const run = runtimeOf([slow]).start(graph);
    const through = deferred();
    run.subscribe((event) => {
      if (event.type === 'node.output' && event.node === 'v' && event.item?.index === 0) through.resolve();
    });
    await through.promise;
    more.resolve();
    expect(textsOf(await run.result, 'o')).toEqual(['FIRST', 'SECOND']);
    const order = (await eventsOf(run)).map((event) =>
      'item' in event ? `${event.node} ${event.type} ${event.item?.index}` : '',
    );
    expect(order.indexOf('v node.output 0')).toBeLessThan(order.indexOf('l node.started 1'));
  });

  it('that is whole waits for all its items and is one call', async () => {
    const graph = graphOf({ l: list('a', 'b'), j: { type: 'test/join', in: { a: from('l') } } }, { o: from('j') });
    const result = await runtimeOf().start(graph).result;
    expect(result.outputs.o).toEqual([{ value: text('a+b').text }]);
  });

  it('of no items finishes with nothing', async () => {
    const graph = graphOf(
      { l: list(), u: { type: 'test/upper', in: { a: from('l') } }, j: { type: 'test/join', in: { a: from('u') } } },
      { u: from('u'), j: from('j') },
    );
    const result = await runtimeOf().start(graph).result;
    expect(result.status).toBe('finished');
    expect(result.outputs).toEqual({ u: [], j: [{ value: text('').text }] });
  });

  it('of two thousand items is through in order', async () => {
    const texts = Array.from({ length: 2000 }, (_, index) => `t${index}`);
    const graph = graphOf({ l: list(...texts), u: { type: 'test/upper', in: { a: from('l') } } }, { o: from('u') });
    const result = await runtimeOf().start(graph).result;
    expect(textsOf(result, 'o')).toEqual(texts.map((item) => item.toUpperCase()));
  });

  it('longer than the limit ends there, with an error, and keeps what came before', async () => {
    let closed = false;
    const endless = node('test/endless', {
      inputs: {},
      emitsList: true,
      async *emit(): AsyncGenerator<EmittedItem<Texts>> {
        try {
          for (let n = 0; ; n++) yield { key: `${n}`, fingerprint: `${n}`, outputs: async () => text(`${n}`) };
        } finally {
          closed = true;
        }
      },
    });
    const graph = graphOf(
      { l: { type: 'test/endless' }, u: { type: 'test/upper', in: { a: from('l') } } },
      { o: from('u') },
    );
    const result = await runtimeOf([endless], { maxListItems: 5 }).start(graph).result;
    expect(textsOf(result, 'o')).toEqual(['0', '1', '2', '3', '4']);
    expect(result.failures).toMatchObject([{ node: 'l', error: { code: 'input/too-large' } }]);
    expect(closed).toBe(true);
  });
});

describe('several inputs', () => {
  const pair = { type: 'test/pair', in: { a: from('x'), b: from('y') } };
  const outcome = async (x: object, y: object) => {
    const result = await runtimeOf().start(graphOf({ x, y, p: pair } as never, { o: from('p') })).result;
    return { result, items: (result.outputs.o ?? []).map(({ item, value }) => [item?.key, (value as TextValue).text]) };
  };

  it('use a single value for every item, on either side', async () => {
    expect((await outcome(list('a', 'b'), { type: 'test/one' })).items).toEqual([
      ['a', 'a-one'],
      ['b', 'b-one'],
    ]);
    expect((await outcome({ type: 'test/one' }, list('a', 'b'))).items).toEqual([
      ['a', 'one-a'],
      ['b', 'one-b'],
    ]);
  });

  it('zip lists of equal length', async () => {
    expect((await outcome(list('a', 'b'), list('c', 'd'))).items).toEqual([
      ['a', 'a-c'],
      ['b', 'b-d'],
    ]);
  });

  it('use the only item of a list for every item of the other, and name results by the other', async () => {
    expect((await outcome(list('q'), list('c', 'd', 'e'))).items).toEqual([
      ['c', 'q-c'],
      ['d', 'q-d'],
      ['e', 'q-e'],
    ]);
    expect((await outcome(list('a', 'b'), list('q'))).items).toEqual([
      ['a', 'a-q'],
      ['b', 'b-q'],
    ]);
    expect((await outcome(list('a'), list('q'))).items).toEqual([['a', 'a-q']]);
    expect((await outcome(list(), list('q'))).items).toEqual([]);
  });

  it('refuse lists of different length, once, and keep the items that had a partner', async () => {
    const { result, items } = await outcome(list('a', 'b', 'c', 'd'), list('x', 'y'));
    expect(items).toEqual([
      ['a', 'a-x'],
      ['b', 'b-y'],
    ]);
    expect(result.failures).toHaveLength(1);
    expect(result.failures[0]).toMatchObject({ node: 'p', error: { code: 'run/list-length' } });
    const none = await outcome(list('a', 'b'), list());
    expect(none.result).toMatchObject({ status: 'failed', error: { code: 'run/list-length' } });
  });

  it('give a whole list to each item of another', async () => {
    const each = node('test/each', {
      inputs: { a: { type: { kind: 'Text' }, doc: '' }, all: { type: { kind: 'Text' }, doc: '', whole: true } },
      run: async ({ inputs }: Call<{ a: TextValue; all: TextValue[] }>) =>
        text(`${inputs.a.text}:${inputs.all.map((item) => item.text).join('')}`),
    });
    const graph = graphOf(
      { x: list('a', 'b'), y: list('1', '2', '3'), e: { type: 'test/each', in: { a: from('x'), all: from('y') } } },
      { o: from('e') },
    );
    expect(textsOf(await runtimeOf([each]).start(graph).result, 'o')).toEqual(['a:123', 'b:123']);
  });

  it('keep whole lists of one origin aligned when an item failed on one way', async () => {
    const graph = graphOf(
      {
        l: list('a', 'bad', 'c'),
        u: { type: 'test/upper', in: { a: from('l') } },
        j: { type: 'test/join', in: { a: from('l'), b: from('u') } },
      },
      { o: from('j') },
    );
    const result = await runtimeOf().start(graph).result;
    expect(textsOf(result, 'o')).toEqual(['a+c|A+C']);
    expect(result.failures).toHaveLength(1);
  });

  it('take captions as texts', async () => {
    const caption = node('test/caption', {
      inputs: {},
      outputs: { caption: { type: { kind: 'Caption' }, doc: '' } },
      run: async () => ({ caption: { kind: 'Caption', text: 'a cat', score: 1 } }),
    });
    const seen: unknown[] = [];
    const look = node('test/look', {
      run: async ({ inputs }: Call<{ a: TextValue }>) => {
        seen.push(inputs.a);
        return text('x');
      },
    });
    const graph = graphOf(
      { c: { type: 'test/caption' }, l: { type: 'test/look', in: { a: ['c', 'caption'] } } },
      { o: from('l') },
    );
    await runtimeOf([caption, look]).start(graph).result;
    expect(seen).toEqual([{ kind: 'Text', text: 'a cat' }]);
  });
});

describe('a node that emits a list for each item of a list', () => {
  it('gives all items in order, named by both', async () => {
    const letters = node('test/letters', {
      emitsList: true,
      async *emit({ inputs }: Call<{ a: TextValue }>): AsyncGenerator<EmittedItem<Texts>> {
        for (const letter of inputs.a.text)
          yield { key: letter, fingerprint: letter, outputs: async () => text(letter) };
      },
    });
    const graph = graphOf(
      {
        l: list('ab', 'error:x', 'cd'),
        s: { type: 'test/letters', in: { a: from('l') } },
        u: { type: 'test/upper', in: { a: from('s') } },
      },
      { o: from('u') },
    );
    const run = runtimeOf([letters], { lookAhead: 2 }).start(graph);
    const result = await run.result;
    expect(result.outputs.o?.map(({ item }) => item?.key)).toEqual(['ab/a', 'ab/b', 'cd/c', 'cd/d']);
    expect(textsOf(result, 'o')).toEqual(['A', 'B', 'C', 'D']);
    expect(typesOf(await eventsOf(run), 's').at(-1)).toBe('node.finished');
  });
});

describe('back-pressure', () => {
  /** A source that counts how far it was pulled, and a node that lets items through one by one. */
  const source = (count: number) => {
    const state = { pulled: 0, made: 0 };
    const definition = node('test/source', {
      inputs: {},
      emitsList: true,
      async *emit(): AsyncGenerator<EmittedItem<Texts>> {
        for (let n = 0; n < count; n++) {
          state.pulled++;
          const outputs = async () => {
            state.made++;
            return text(`${n}`);
          };
          yield { key: `${n}`, fingerprint: `${n}`, outputs };
        }
      },
    });
    return { state, definition };
  };

  it('holds the source while items are on their way anywhere down the line', async () => {
    const { state, definition } = source(1000);
    const held: (() => void)[] = [];
    const gate = node('test/gate', {
      run: async ({ inputs }: Call<{ a: TextValue }>) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return { text: inputs.a };
      },
    });
    const graph = graphOf(
      {
        s: { type: 'test/source' },
        u: { type: 'test/upper', in: { a: from('s') } },
        g: { type: 'test/gate', in: { a: from('u') } },
      },
      { o: from('g') },
    );
    const run = runtimeOf([definition, gate], { lookAhead: 8, concurrency: 64, cacheBytes: 0 }).start(graph);
    await settled(200);
    expect(state.pulled).toBe(8);
    expect(held.length).toBe(8);
    for (let n = 0; n < 100; n++) {
      held.shift()!();
      await settled(6);
      expect(state.pulled).toBeLessThanOrEqual(8 + n + 1);
    }
    expect(state.pulled).toBeGreaterThan(100);
    run.cancel();
  });

  it('counts bytes, too', async () => {
    const state = { made: 0 };
    const pictures = node('test/pictures', {
      inputs: {},
      outputs: { image: { type: { kind: 'Image' }, doc: '' } },
      emitsList: true,
      async *emit() {
        for (let n = 0; n < 100; n++) {
          const outputs = async () => {
            state.made++;
            return { image: { kind: 'Image' as const, data: new Uint8Array(30_000), width: 100, height: 100 } };
          };
          yield { key: `${n}`, fingerprint: `${n}`, outputs };
        }
      },
    });
    const never = node('test/never', {
      inputs: { image: { type: { kind: 'Image' }, doc: '' } },
      run: () => new Promise(() => {}),
    });
    const graph = graphOf(
      { p: { type: 'test/pictures' }, n: { type: 'test/never', in: { image: ['p', 'image'] } } },
      { o: from('n') },
    );
    const run = runtimeOf([pictures, never], { lookAhead: 50, lookAheadBytes: 100_000, concurrency: 64 }).start(graph);
    await settled(300);
    expect(state.made).toBeGreaterThanOrEqual(4);
    expect(state.made).toBeLessThan(20);
    run.cancel();
  });

  it('gives way where a node needs the whole list beside its items', async () => {
    const { state, definition } = source(100);
    const each = node('test/each', {
      inputs: { a: { type: { kind: 'Text' }, doc: '' }, all: { type: { kind: 'Text' }, doc: '', whole: true } },
      run: async ({ inputs }: Call<{ a: TextValue; all: TextValue[] }>) =>
        text(`${inputs.a.text}/${inputs.all.length}`),
    });
    const graph = graphOf(
      {
        s: { type: 'test/source' },
        u: { type: 'test/upper', in: { a: from('s') } },
        e: { type: 'test/each', in: { a: from('s'), all: from('u') } },
      },
      { o: from('e') },
    );
    const result = await runtimeOf([definition, each], { lookAhead: 4 }).start(graph).result;
    expect(textsOf(result, 'o')).toHaveLength(100);
    expect(textsOf(result, 'o')[99]).toBe('99/100');
    expect(state).toEqual({ pulled: 100, made: 100 });
  });

  it('gives way where two lists wait for each other', async () => {
    const one = source(50);
    const other = { ...source(50).definition, type: 'test/other-source' };
    const each = node('test/each', {
      inputs: { a: { type: { kind: 'Text' }, doc: '' }, all: { type: { kind: 'Text' }, doc: '', whole: true } },
      run: async ({ inputs }: Call<{ a: TextValue; all: TextValue[] }>) =>
        text(`${inputs.a.text}/${inputs.all.length}`),
    });
    const graph = graphOf(
      {
        x: { type: 'test/source' },
        y: { type: 'test/other-source' },
        p: { type: 'test/each', in: { a: from('x'), all: from('y') } },
        q: { type: 'test/each', in: { a: from('y'), all: from('x') } },
      },
      { p: from('p'), q: from('q') },
    );
    const result = await runtimeOf([one.definition, other, each], { lookAhead: 2 }).start(graph).result;
    expect([textsOf(result, 'p')[49], textsOf(result, 'q')[49]]).toEqual(['49/50', '49/50']);
  });
});
