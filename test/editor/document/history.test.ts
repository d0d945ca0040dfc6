import { expect, test } from 'vitest';
import { emptyGraph, setName, setParam } from '../../../editor/src/document/commands.ts';
import { History } from '../../../editor/src/document/history.ts';
import { graph } from '../sample.ts';

test('steps are undone and redone in order, with their labels', () => {
  const history = new History(emptyGraph());
  history.apply('Name it', setName('one'));
  history.apply('Name it again', setName('two'));
  expect(history.undo()).toBe('Name it again');
  expect(history.graph.name).toBe('one');
  expect(history.redoLabel).toBe('Name it again');
  expect(history.redo()).toBe('Name it again');
  expect(history.graph.name).toBe('two');
  expect(history.redo()).toBeUndefined();
});

test('a new step forgets what was undone', () => {
  const history = new History(emptyGraph());
  history.apply('a', setName('a'));
  history.undo();
  history.apply('b', setName('b'));
  expect(history.redoLabel).toBeUndefined();
});

test('close steps with the same key become one, later ones do not', () => {
  let now = 0;
  const history = new History(graph, () => now);
  for (const size of [1, 2, 3]) {
    history.apply('Change size', setParam('pixels', 'size', size), 'size');
    now += 100;
  }
  now += 5000;
  history.apply('Change size', setParam('pixels', 'size', 9), 'size');
  history.undo();
  expect(history.graph.nodes.pixels?.params?.size).toBe(3);
  history.undo();
  expect(history.graph).toBe(graph);
});

test('a command that changes nothing is no step', () => {
  const history = new History(graph);
  expect(history.apply('nothing', (same) => same)).toBe(false);
  expect(history.undoLabel).toBeUndefined();
});

test('dirty means different from what was saved, also after undo', () => {
  const history = new History(graph);
  history.apply('a', setName('a'));
  expect(history.isDirty).toBe(true);
  history.markSaved();
  expect(history.isDirty).toBe(false);
  history.undo();
  expect(history.isDirty).toBe(true);
  history.redo();
  expect(history.isDirty).toBe(false);
});
