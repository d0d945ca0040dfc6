import { expect, it } from 'vitest';
import { failuresOf, runGraph, valuesOf } from './run-graph.ts';

it('graphs/cache-classifier.json names the class, and shots can outvote the labels', async () => {
  const result = await runGraph('cache-classifier');
  expect(failuresOf(result)).toEqual([]);
  expect(valuesOf(result, 'scores', 'Scores').get('scene-1.png')?.entries[0]?.label).toBe('ring');
  // Only shots of another class, at a weight that no label can hold against.
  const set = { shots: 'examples/shot[s]/star/*.webp', alpha: 1000, beta: 0 };
  const outvoted = await runGraph('cache-classifier', { set });
  expect(valuesOf(outvoted, 'scores', 'Scores').get('scene-1.png')?.entries[0]?.label).toBe('star');
});
