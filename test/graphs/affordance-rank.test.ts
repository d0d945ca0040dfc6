import { expect, it } from 'vitest';
import { failuresOf, runGraph, valuesOf } from './run-graph.ts';

it('graphs/affordance-rank.json ranks what is both likely and true of the picture first', async () => {
  const result = await runGraph('affordance-rank');
  expect(failuresOf(result)).toEqual([]);
  const [scores] = [...valuesOf(result, 'scores', 'Scores').values()];
  expect(scores!.entries[0]!.label).toBe('a red ring');
  const [table] = [...valuesOf(result, 'table', 'Table').values()];
  const rows = new Map(table!.rows.map(([skill, likelihood, affordance]) => [skill, { likelihood, affordance }]));
  // The language model knows what is said, not what is seen; the other one the other way round.
  expect(Number(rows.get('ring a red red')!.likelihood)).toBeLessThan(0.05);
  expect(Number(rows.get('a green star')!.affordance)).toBeLessThan(0.05);
});
