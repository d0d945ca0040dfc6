import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/head/masked-likelihood.ts';
import { runNode } from '../call-node.ts';
import { logitsOfShares, measured, tokensOf } from '../measured.ts';

const logits = logitsOfShares([
  [0.5, 0.25, 0.25],
  [0.1, 0.1, 0.8],
  [0.2, 0.7, 0.1],
]);
const tokens = tokensOf(0, 2, 0);

describe('head/masked-likelihood', () => {
  it('adds up ln p of the hidden tokens', async () => {
    const { measures } = await runNode(node, { positions: [2, 1] }, { logits, tokens });
    const values = measured(measures);
    expect(values['token at 1']).toBeCloseTo(Math.log(0.8), 5);
    expect(values['token at 2']).toBeCloseTo(Math.log(0.2), 5);
    expect(values['log likelihood']).toBeCloseTo(Math.log(0.16), 5);
    expect(values.loss).toBeCloseTo(-Math.log(0.16) / 2, 5);
  });

  it('refuses places beyond the text, and logits of another length or vocabulary', async () => {
    await expect(runNode(node, { positions: [3] }, { logits, tokens })).rejects.toMatchObject({
      code: 'run/bad-parameter',
    });
    for (const wrong of [tokensOf(0, 2), tokensOf(0, 2, 3)]) {
      await expect(runNode(node, { positions: [0] }, { logits, tokens: wrong })).rejects.toMatchObject({
        code: 'run/bad-input',
      });
    }
  });
});
