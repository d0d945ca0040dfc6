import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/head/vocabulary.ts';
import { runNode } from '../call-node.ts';
import { blocksOf, drawn, features, linearRows, rowsOf } from '../fuse/fixture-block.ts';

const weights = { 'words.weight': drawn(1, 7, 4), 'words.bias': drawn(2, 7) };
const rows = features(drawn(3, 3, 4));

describe('head/vocabulary', () => {
  it.each([undefined, 'words.bias'])('multiplies rows with the matrix, bias %s', async (bias) => {
    const params = { model: 'test', weight: 'words.weight', ...(bias === undefined ? {} : { bias }) };
    const { logits } = await runNode(node, params, { rows }, await blocksOf(weights));
    const added = bias === undefined ? undefined : weights['words.bias'].data;
    expect(logits.shape).toEqual([3, 7]);
    for (const [index, right] of linearRows(rowsOf(rows), weights['words.weight'], added).flat().entries()) {
      expect(Number(logits.data[index])).toBeCloseTo(right, 5);
    }
  });

  it('names a matrix that is not there', async () => {
    const run = runNode(node, { model: 'test', weight: 'head.weight' }, { rows }, await blocksOf(weights));
    await expect(run).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"head.weight" is missing'),
    });
  });
});
