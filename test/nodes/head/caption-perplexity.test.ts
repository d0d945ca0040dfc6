import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/head/caption-perplexity.ts';
import { runNode } from '../call-node.ts';
import { logitsOfShares, measured, tokensOf } from '../measured.ts';

describe('head/caption-perplexity', () => {
  it('reads the token after each row; the last row predicts nothing', async () => {
    const logits = logitsOfShares([
      [0.5, 0.5],
      [0.125, 0.875],
      [0.9, 0.1],
    ]);
    const { measures } = await runNode(node, {}, { logits, tokens: tokensOf(1, 0, 0) });
    const { perplexity, loss } = measured(measures);
    // p = 1/2 and 1/8: sqrt(16) = 4.
    expect(perplexity).toBeCloseTo(4, 5);
    expect(loss).toBeCloseTo(Math.log(4), 5);
  });

  it('refuses a text of one token', async () => {
    const given = { logits: logitsOfShares([[0.5, 0.5]]), tokens: tokensOf(1) };
    await expect(runNode(node, {}, given)).rejects.toMatchObject({ code: 'native/bad-argument' });
  });
});
