import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/grouping.ts';
import { runNode } from '../call-node.ts';
import { addRows, blocksOf, drawn, expectClose, features, featuresFrom, linearRows, rowsOf } from './fixture-block.ts';

const names = ['q_proj', 'k_proj', 'v_proj', 'proj'] as const;
const weights = Object.fromEntries(
  names.flatMap((name, index) => [
    [`g.${name}.weight`, drawn(index + 1, 4, 4)],
    [`g.${name}.bias`, drawn(index + 11, 4)],
  ]),
);
const given = { groups: features(drawn(21, 3, 4)), patches: features(drawn(22, 9, 4)) };

describe('fuse/grouping', () => {
  it.each([1, 0.5])('gives each group the mean of its patches, with epsilon %d', async (epsilon) => {
    const made = await runNode(node, { model: 'test', prefix: 'g.', epsilon }, given, await blocksOf(weights));
    const apply = (rows: number[][], name: (typeof names)[number]) =>
      linearRows(rows, weights[`g.${name}.weight`]!, weights[`g.${name}.bias`]!.data);
    const [groups, patches] = [rowsOf(given.groups), rowsOf(given.patches)];
    const [queries, keys, values] = [apply(groups, 'q_proj'), apply(patches, 'k_proj'), apply(patches, 'v_proj')];
    // sqrt(4) = 2.
    const scores = keys.map((key) => queries.map((query) => query.reduce((sum, one, i) => sum + one * key[i]!, 0) / 2));
    const chosen = scores.map((row) => row.indexOf(Math.max(...row)));
    expect(new Set(chosen).size).toBeGreaterThan(1);
    const means = groups.map((_, group) => {
      const own = values.filter((_, patch) => chosen[patch] === group);
      return Array.from({ length: 4 }, (_, i) => own.reduce((sum, row) => sum + row[i]!, 0) / (own.length + epsilon));
    });
    expectClose(made.groups, featuresFrom(addRows(groups, apply(means, 'proj'))));
    const soft = scores.map((row) => {
      const total = row.reduce((sum, score) => sum + Math.exp(score), 0);
      return row.map((score) => Math.exp(score) / total);
    });
    expectClose(made.assignment, featuresFrom(soft));
  });

  it('refuses patches of another width', async () => {
    const patches = features(drawn(1, 2, 5));
    const run = runNode(node, { model: 'test', prefix: 'g.' }, { ...given, patches }, await blocksOf(weights));
    await expect(run).rejects.toMatchObject({ code: 'run/bad-input', message: expect.stringContaining('patches') });
  });
});
