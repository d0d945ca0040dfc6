import { describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../src/protocol/event.ts';
import { valueToJson } from '../../src/protocol/json-value.ts';
import type { Value } from '../../src/protocol/value.ts';
import { EventLog } from '../../src/runtime/event-log.ts';
import { type Call, eventsOf, graphOf, node, runtimeOf, settled, text } from './sample-runtime.ts';

const progress = (done: number) => ({ type: 'node.progress', node: 'n', done }) as const;
const FINISHED = { type: 'run.finished', failures: 0, milliseconds: 1 } as const;

function filled(count: number): EventLog {
  const log = new EventLog('r', 1e6);
  for (let n = 0; n < count; n++) log.emit(progress(n));
  return log;
}

describe('EventLog', () => {
  it('replays from a number and goes on live, without gap or repetition', () => {
    const log = filled(5);
    const seen: number[] = [];
    log.subscribe(({ seq }) => seen.push(seq), 3);
    log.emit(progress(5));
    log.emit(FINISHED);
    expect(seen).toEqual([3, 4, 5, 6]);
  });

  it('replays a finished log, nothing beyond its end, and takes no late events', () => {
    const log = filled(2);
    log.emit(FINISHED);
    log.emit(progress(9));
    const seen: number[] = [];
    log.subscribe(({ seq }) => seen.push(seq), 1);
    log.subscribe(({ seq }) => seen.push(seq), 7);
    expect(seen).toEqual([1, 2]);
    expect(log.length).toBe(3);
  });

  it('keeps order when a listener emits or subscribes', () => {
    const log = new EventLog('r', 1e6);
    const first: number[] = [];
    const second: number[] = [];
    log.subscribe(({ seq }) => {
      first.push(seq);
      if (seq === 0) {
        log.emit(progress(1));
        log.subscribe((event) => second.push(event.seq));
      }
    });
    log.emit(progress(0));
    log.emit(progress(2));
    expect(first).toEqual([0, 1, 2]);
    expect(second).toEqual([0, 1, 2]);
  });

  it('stops when told, also from inside', () => {
    const log = filled(3);
    const seen: number[] = [];
    let stop: () => void = () => {};
    stop = log.subscribe(({ seq }) => {
      seen.push(seq);
      if (seq === 4) stop();
    });
    for (const n of [3, 4, 5]) log.emit(progress(n));
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('drops a listener that throws, warns, and goes on with the others', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const log = new EventLog('r', 1e6);
    const seen: number[] = [];
    log.subscribe(() => {
      throw new Error('mine');
    });
    log.subscribe(({ seq }) => seen.push(seq));
    log.emit(progress(0));
    log.emit(progress(1));
    expect(seen).toEqual([0, 1]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('is an async iterable: past events, then live ones, then the end', async () => {
    const log = filled(2);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { seq } of log.iterate(1)) seen.push(seq);
    })();
    await settled(2);
    log.emit(progress(2));
    await settled(2);
    log.emit(progress(3));
    log.emit(FINISHED);
    await reading;
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('ends a wait at once when its reader goes away', async () => {
    const iterator = filled(1).iterate();
    expect((await iterator.next()).value?.seq).toBe(0);
    const waiting = [iterator.next(), iterator.next()];
    await iterator.return();
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect((await iterator.next()).done).toBe(true);
  });

  it('answers several waits in order', async () => {
    const log = filled(0);
    const iterator = log.iterate();
    const waiting = [iterator.next(), iterator.next(), iterator.next()];
    log.emit(progress(0));
    log.emit(FINISHED);
    expect((await Promise.all(waiting)).map(({ value }) => value?.seq)).toEqual([0, 1, undefined]);
  });

  it('lets go of old big values beyond its budget, but keeps the events, their sizes, and small values', () => {
    const image = (): Value => ({
      kind: 'Image',
      width: 200,
      height: 200,
      data: new Uint8Array(120_000),
      name: 'x.png',
    });
    const log = new EventLog('r', 300_000);
    const output = (value: Value) => log.emit({ type: 'node.output', node: 'n', output: 'o', value });
    output(text('small').text);
    for (let n = 0; n < 5; n++) output(image());
    output({ kind: 'Tensor', dtype: 'float32', shape: [60_000], data: new Float32Array(60_000) });
    expect(log.heldBytes).toBeLessThanOrEqual(300_000);
    const events: Extract<RunEvent, { type: 'node.output' }>[] = [];
    log.subscribe((event) => event.type === 'node.output' && events.push(event));
    expect(events.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events.map(({ released }) => released === true)).toEqual([false, true, true, true, true, true, false]);
    expect(events[1]!.value).toMatchObject({ kind: 'Image', width: 200, height: 200, data: new Uint8Array(0) });
    expect(valueToJson(events[1]!.value)).toEqual({ kind: 'Image', width: 200, height: 200, name: 'x.png' });
  });
});

describe('events of a run', () => {
  it('can be read late, from any number, and by several readers', async () => {
    const run = runtimeOf().start(graphOf({ one: { type: 'test/one' } }, { o: ['one', 'text'] }));
    const all = await eventsOf(run);
    const late: RunEvent[] = [];
    for await (const event of run.events(3)) late.push(event);
    expect(late).toEqual(all.slice(3));
    expect(await eventsOf(run)).toEqual(all);
  });

  it('tell progress, thinned out, with the end always told', async () => {
    const busy = node('test/busy', {
      inputs: {},
      run: async ({ context }: Call) => {
        for (let n = 1; n <= 1000; n++) context.progress(n, 1000, 'steps');
        return text('x');
      },
    });
    const events = await eventsOf(runtimeOf([busy]).start(graphOf({ b: { type: 'test/busy' } }, { o: ['b', 'text'] })));
    const told = events.filter((event) => event.type === 'node.progress');
    expect(told.at(-1)).toMatchObject({ node: 'b', done: 1000, total: 1000, note: 'steps' });
    expect(told[0]).toMatchObject({ done: 1 });
    expect(told.length).toBeLessThan(100);
  });

  it('give the loop its turn during a long graph', async () => {
    const nodes: Record<string, { type: string; in?: Record<string, [string, string]> }> = { n0: { type: 'test/one' } };
    for (let n = 1; n < 2000; n++) nodes[`n${n}`] = { type: 'test/upper', in: { a: [`n${n - 1}`, 'text'] } };
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const run = runtimeOf([], { sliceMilliseconds: 1 }).start(graphOf(nodes, { last: ['n1999', 'text'] }));
    await run.result;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});
