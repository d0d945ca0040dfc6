import { describe, expect, it } from 'vitest';
import { ProgressFold } from '../../src/cli/run-progress.ts';
import type { RunEventBody } from '../../src/protocol/event.ts';

function fold(...events: RunEventBody[]) {
  const progress = new ProgressFold();
  for (const [seq, event] of events.entries()) progress.add({ run: 'r', seq, time: 0, ...event });
  return progress.state;
}

const started: RunEventBody = { type: 'run.started', nodes: ['a', 'b', 'c'] };
const item = (index: number) => ({ index, key: `k${index}` });

describe('progress of a run', () => {
  it('counts nodes', () => {
    const finished = { type: 'node.finished', node: 'a', items: 1, failed: 0, cached: 0, milliseconds: 1 } as const;
    expect(fold()).toEqual({ total: 0, finished: 0, activity: '' });
    expect(fold(started, finished)).toMatchObject({ total: 3, finished: 1 });
  });

  it('tells what is being done, in items or in the unit of the node', () => {
    const value = { kind: 'Text', text: '' } as const;
    const output = (index: number) =>
      ({ type: 'node.output', node: 'a', output: 'x', item: item(index), value }) as const;
    const error = { code: 'internal', message: '', remedy: '' } as const;
    expect(fold(started, { type: 'node.started', node: 'b' }).activity).toBe('b');
    expect(fold(output(0), output(4), output(2)).activity).toBe('a, 5 done');
    expect(fold(output(0), { type: 'node.failed', node: 'a', item: item(1), error }).activity).toBe(
      'a, 1 done, 1 failed',
    );
    expect(fold({ type: 'node.progress', node: 'b', done: 3, total: 9, note: 'cat.png' }).activity).toBe(
      'b 3/9 cat.png',
    );
    expect(fold({ type: 'node.progress', node: 'b', done: 3 }).activity).toBe('b 3');
  });
});
