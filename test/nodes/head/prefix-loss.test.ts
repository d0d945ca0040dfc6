import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/head/prefix-loss.ts';
import { runNode } from '../call-node.ts';
import { logitsOfShares, measured, tokensOf } from '../measured.ts';

const logits = logitsOfShares([
  [0.9, 0.1],
  [0.5, 0.5],
  [0.875, 0.125],
  [0.3, 0.7],
]);

describe('head/prefix-loss', () => {
  it('counts what follows the prefix', async () => {
    const { measures } = await runNode(node, { prefix: 2 }, { logits, tokens: tokensOf(0, 1, 0, 1) });
    const { perplexity, loss } = measured(measures);
    expect(loss).toBeCloseTo(-Math.log(0.5 * 0.125) / 2, 5);
    expect(perplexity).toBeCloseTo(4, 5);
  });

  it('refuses a prefix as long as the text', async () => {
    const given = { logits, tokens: tokensOf(0, 1, 0, 1) };
    await expect(runNode(node, { prefix: 4 }, given)).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('from 1 to 3'),
    });
  });
});
