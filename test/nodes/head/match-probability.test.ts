import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/head/match-probability.ts';
import { runNode } from '../call-node.ts';
import { blocksOf, drawn, features } from '../fuse/fixture-block.ts';

const rows = features({ shape: [2, 2], data: Float32Array.of(1, 2, 100, 100) });
const head = (outputs: number, data: readonly number[], bias: readonly number[]) =>
  blocksOf({
    'itm.weight': { shape: [outputs, 2], data: Float32Array.from(data) },
    'itm.bias': { shape: [outputs], data: Float32Array.from(bias) },
  });
const params = { model: 'test', prefix: 'itm.' };

describe('head/match-probability', () => {
  it('is the softmax of two logits of the first row', async () => {
    // No match: 1 + 2 = 3; match: 2 - 4 + 0.5 = -1.5.
    const { scores } = await runNode(node, params, { rows }, await head(2, [1, 1, 2, -2], [0, 0.5]));
    const match = 1 / (1 + Math.exp(4.5));
    expect(scores.normalized).toBe(true);
    expect(scores.entries.map(({ label }) => label)).toEqual(['no match', 'match']);
    expect(scores.entries[1]!.score).toBeCloseTo(match, 6);
    expect(scores.entries[0]!.score).toBeCloseTo(1 - match, 6);
  });

  it('is the sigmoid of one', async () => {
    const { scores } = await runNode(node, params, { rows }, await head(1, [1, -0.25], [1]));
    expect(scores.entries[0]).toMatchObject({ label: 'match' });
    expect(scores.entries[0]!.score).toBeCloseTo(1 / (1 + Math.exp(-1.5)), 6);
  });

  it('refuses a head of more outputs', async () => {
    const blocks = await blocksOf({ 'itm.weight': drawn(1, 3, 2), 'itm.bias': drawn(2, 3) });
    await expect(runNode(node, params, { rows }, blocks)).rejects.toMatchObject({ code: 'model/unsupported' });
  });
});
