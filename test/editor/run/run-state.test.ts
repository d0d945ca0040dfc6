import { expect, test } from 'vitest';
import { errorFromBody, flattenError, RunState } from '../../../editor/src/run/run-state.ts';
import { WeftError } from '../../../src/errors.ts';
import type { JsonValue, RunEventBody, WireEvent } from '../../../src/protocol/index.ts';

const text = (value: string): JsonValue => ({ kind: 'Text', text: value });

/** Applies events with rising numbers, one millisecond apart. */
function play(state: RunState, events: readonly RunEventBody<JsonValue>[], from = 0): void {
  for (const [index, event] of events.entries()) {
    state.apply({ ...event, run: 'r1', seq: from + index, time: 1000 + from + index } as WireEvent);
  }
}

function started(nodes: readonly string[]): RunState {
  const state = new RunState();
  state.begin(0);
  state.accepted('r1');
  play(state, [
    { type: 'run.queued', graph: 'g', outputs: [] },
    { type: 'run.started', nodes },
  ]);
  return state;
}

test('a run goes from waiting to done, with its outputs in item order', () => {
  const state = started(['a']);
  expect(state.nodes.get('a')?.status).toBe('waiting');
  play(
    state,
    [
      { type: 'node.started', node: 'a', item: { index: 1, key: 'two' } },
      { type: 'node.started', node: 'a', item: { index: 0, key: 'one' } },
      { type: 'node.progress', node: 'a', done: 1, total: 4 },
      { type: 'node.output', node: 'a', output: 'text', item: { index: 1, key: 'two' }, value: text('b') },
      { type: 'node.output', node: 'a', output: 'text', item: { index: 0, key: 'one' }, value: text('a') },
    ],
    2,
  );
  expect(state.phase).toBe('running');
  expect(state.nodes.get('a')?.status).toBe('running');
  expect(state.nodes.get('a')?.fraction).toBe(0.25);
  expect(
    state.nodes
      .get('a')
      ?.items('text')
      .map(({ key }) => key),
  ).toEqual(['one', 'two']);
  play(
    state,
    [
      { type: 'node.finished', node: 'a', items: 2, failed: 0, cached: 0, milliseconds: 12 },
      { type: 'run.finished', failures: 0, milliseconds: 30 },
    ],
    7,
  );
  expect(state.phase).toBe('finished');
  expect(state.milliseconds).toBe(30);
  expect(state.nodes.get('a')).toMatchObject({ status: 'done', milliseconds: 12, progress: undefined });
});

test('an output that is still being made shows what there is of it; of tables the rows add up', () => {
  const state = started(['a']);
  const rows = (...numbers: number[]): JsonValue => ({ kind: 'Table', columns: ['n'], rows: numbers.map((n) => [n]) });
  const report = (partial: Record<string, JsonValue>) =>
    ({ type: 'node.progress', node: 'a', done: 1, partial }) as const;
  const shown = (output: string) =>
    state.nodes
      .get('a')
      ?.items(output)
      .map(({ value }) => value);
  play(
    state,
    [
      { type: 'node.started', node: 'a' },
      report({ table: rows(1), text: text('a') }),
      report({ table: rows(2, 3), text: text('a b') }),
    ],
    2,
  );
  expect(shown('table')).toEqual([rows(1, 2, 3)]);
  expect(shown('text')).toEqual([text('a b')]);
  play(state, [{ type: 'node.output', node: 'a', output: 'table', value: rows(1, 2, 3, 4) }], 5);
  expect(shown('table')).toEqual([rows(1, 2, 3, 4)]);
  expect(state.nodes.get('a')?.partial.get('table')?.size).toBe(0);
  expect(shown('text')).toEqual([text('a b')]);
});

test('cached and failed nodes are told apart; a failed item does not lose its siblings', () => {
  const state = started(['a', 'b']);
  const error = new WeftError('input/bad-image', { name: 'x.png', reason: 'cut' }).toJSON();
  play(
    state,
    [
      { type: 'node.cached', node: 'a' },
      { type: 'node.output', node: 'a', output: 'text', value: text('a') },
      { type: 'node.finished', node: 'a', items: 1, failed: 0, cached: 1, milliseconds: 0 },
      { type: 'node.started', node: 'b', item: { index: 0, key: 'x.png' } },
      { type: 'node.failed', node: 'b', item: { index: 0, key: 'x.png' }, error },
      { type: 'node.output', node: 'b', output: 'text', item: { index: 1, key: 'y.png' }, value: text('fine') },
      { type: 'node.finished', node: 'b', items: 2, failed: 1, cached: 0, milliseconds: 1 },
      { type: 'run.finished', failures: 1, milliseconds: 3 },
    ],
    2,
  );
  expect(state.nodes.get('a')?.status).toBe('cached');
  expect(state.nodes.get('b')?.status).toBe('failed');
  expect(state.nodes.get('b')?.errors).toEqual([{ key: 'x.png', error }]);
  expect(state.nodes.get('b')?.items('text')).toHaveLength(1);
  expect(state.failures).toBe(1);
});

test('a node that nothing came to is neither done nor failed; changing a node forgets its errors', () => {
  const state = started(['a', 'b']);
  const error = new WeftError('input/not-found', { path: 'x', base: 'y' }).toJSON();
  play(
    state,
    [
      { type: 'node.started', node: 'a' },
      { type: 'node.failed', node: 'a', error },
      { type: 'node.finished', node: 'a', items: 0, failed: 0, cached: 0, milliseconds: 1 },
      { type: 'node.finished', node: 'b', items: 0, failed: 0, cached: 0, milliseconds: 0 },
    ],
    2,
  );
  expect(state.nodes.get('a')?.status).toBe('failed');
  expect(state.nodes.get('b')?.status).toBe('empty');
  state.forgetErrors('a');
  expect(state.nodes.get('a')).toMatchObject({ status: 'waiting', errors: [] });
});

test('events that were seen before, or belong to another run, change nothing', () => {
  const state = started(['a']);
  const event = { type: 'node.started', node: 'a', run: 'r1', seq: 2, time: 1 } as WireEvent;
  expect(state.apply(event)).toBe(true);
  expect(state.apply(event)).toBe(false);
  expect(state.apply({ ...event, run: 'r2', seq: 3 })).toBe(false);
  expect(state.nextSeq).toBe(3);
  expect(state.nodes.get('a')?.started).toBe(1);
});

test('results of the last run stay until their node starts again', () => {
  const state = started(['a']);
  play(state, [{ type: 'node.output', node: 'a', output: 'text', value: text('old') }], 2);
  play(state, [{ type: 'run.finished', failures: 0, milliseconds: 1 }], 3);
  state.begin(10);
  state.accepted('r1');
  play(state, [
    { type: 'run.queued', graph: 'g', outputs: [] },
    { type: 'run.started', nodes: ['a'] },
  ]);
  expect(state.nodes.get('a')?.items('text')).toHaveLength(1);
  play(state, [{ type: 'node.started', node: 'a' }], 2);
  expect(state.nodes.get('a')?.items('text')).toHaveLength(0);
});

test('a cancelled run leaves nothing running', () => {
  const state = started(['a']);
  play(
    state,
    [
      { type: 'node.started', node: 'a' },
      { type: 'run.cancelled', reason: '' },
    ],
    2,
  );
  expect(state.phase).toBe('cancelled');
  expect(state.isActive).toBe(false);
  expect(state.nodes.get('a')?.status).toBe('waiting');
});

test('an answer that is no error of ours is still explained', () => {
  expect(errorFromBody('<html>', 502)).toMatchObject({
    code: 'internal',
    message: 'The server answered 502 without an explanation.',
  });
  const error = new WeftError('run/too-many', { limit: 1, received: 2 }).toJSON();
  expect(errorFromBody({ error }, 429)).toEqual(error);
  const parts = [error, error];
  expect(flattenError({ ...error, errors: parts })).toEqual(parts);
  expect(flattenError(error)).toEqual([error]);
});
