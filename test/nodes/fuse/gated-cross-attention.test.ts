import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/gated-cross-attention.ts';
import { runNode } from '../call-node.ts';
import { expectClose, fixture, itemOf } from './fixture-block.ts';

describe('fuse/gated-cross-attention', () => {
  it("is Flamingo's block for rows that see all pictures", async () => {
    const { services, inputs, outputs } = await fixture('flamingo_options');
    // The second text has pictures at 0 and 3: from there on its rows see both.
    const resampled = outputs.get('resampled')!;
    const [, media = 0, rows = 0, dim = 0] = resampled.shape;
    const given = {
      text: itemOf(inputs.get('text'), 1),
      media: itemOf({ shape: [media * rows, dim], data: resampled.data }, 1),
    };
    const params = { model: 'test', prefix: 'gated_cross_attn_layer.', heads: 3 };
    const made = await runNode(node, params, given, services);
    expectClose(made.text, itemOf(outputs.get('all_previous'), 1), 3);
  });

  it('refuses heads that do not divide its queries', async () => {
    const { services, inputs } = await fixture('flamingo_options');
    const text = itemOf(inputs.get('text'), 0);
    const params = { model: 'test', prefix: 'gated_cross_attn_layer.', heads: 5 };
    await expect(runNode(node, params, { text, media: text }, services)).rejects.toMatchObject({
      code: 'run/bad-parameter',
    });
  });
});
