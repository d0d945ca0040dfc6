import { expect, test } from 'vitest';
import type { Preview } from '../../../editor/src/canvas/preview.ts';
import { statusNote } from '../../../editor/src/canvas/status-note.ts';
import { NodeRun } from '../../../editor/src/run/run-state.ts';

const written: Preview = { kind: 'text', lines: ['a cat'], page: 0, pages: 1 };

function note(progress: NodeRun['progress'], preview?: Preview): string {
  const run = new NodeRun();
  run.status = 'running';
  run.progress = progress;
  return statusNote('n1', { run, preview, problem: undefined }).text;
}

test('a running node tells how far it is, or what it does', () => {
  expect(note({ done: 2, total: 5 }, written)).toBe('2 / 5');
  expect(note({ done: 2, note: 'a cat' })).toBe('a cat');
  expect(note({ done: 2 })).toBe('running');
  expect(note(undefined)).toBe('running');
});

test('of a text that is seen below only the count is told, once there is one', () => {
  expect(note({ done: 2, note: 'a cat' }, written)).toBe('2 …');
  expect(note(undefined, written)).toBe('running');
});

test('before a run a node tells its name', () => {
  expect(statusNote('n1', { run: undefined, preview: undefined, problem: undefined }).text).toBe('n1');
});
