import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/cross-attention.ts';
import { runNode } from '../call-node.ts';
import {
  addRows,
  attendRows,
  blocksOf,
  drawn,
  expectClose,
  features,
  featuresFrom,
  linearRows,
  normRows,
  rowsOf,
  type Weights,
} from './fixture-block.ts';

/** Rows of 6 ask rows of 5, in two heads of 4 numbers together. */
const part = (name: string, seed: number, outputs: number, inputs: number) => ({
  [`x.${name}.weight`]: drawn(seed, outputs, inputs),
  [`x.${name}.bias`]: drawn(seed + 50, outputs),
});
const weights: Weights = {
  ...part('att.query', 1, 4, 6),
  ...part('att.key', 2, 4, 5),
  ...part('att.value', 3, 4, 5),
  ...part('output.dense', 4, 6, 4),
  'x.output.LayerNorm.weight': drawn(5, 6),
  'x.output.LayerNorm.bias': drawn(6, 6),
};
const given = { rows: features(drawn(7, 3, 6)), memory: features(drawn(8, 4, 5)) };
const params = { model: 'test', prefix: 'x.', heads: 2, epsilon: 0.01 };

const apply = (rows: number[][], name: string) =>
  linearRows(rows, weights[`x.${name}.weight`]!, weights[`x.${name}.bias`]!.data);
const normed = (rows: number[][]) =>
  normRows(rows, weights['x.output.LayerNorm.weight']!.data, weights['x.output.LayerNorm.bias']!.data, 0.01);
function attended(asking: number[][]) {
  const memory = rowsOf(given.memory);
  const mixed = attendRows(apply(asking, 'att.query'), apply(memory, 'att.key'), apply(memory, 'att.value'), 2);
  return apply(mixed, 'output.dense');
}

describe('fuse/cross-attention', () => {
  const x = rowsOf(given.rows);
  it.each([
    ['after', true, () => normed(addRows(x, attended(x)))],
    ['before', true, () => addRows(x, attended(normed(x)))],
    ['none', true, () => addRows(x, attended(x))],
    ['none', false, () => attended(x)],
  ])('with its norm %s and residual %s is its equation', async (norm, residual, expected) => {
    const made = await runNode(node, { ...params, norm, residual }, given, await blocksOf(weights));
    expectClose(made.rows, featuresFrom(expected()));
  });

  it('refuses a memory of another width', async () => {
    const run = runNode(node, params, { ...given, memory: given.rows }, await blocksOf(weights));
    await expect(run).rejects.toMatchObject({ code: 'run/bad-input', message: expect.stringContaining('[seq, 5]') });
  });
});
