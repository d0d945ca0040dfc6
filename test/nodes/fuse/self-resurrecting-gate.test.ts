import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/self-resurrecting-gate.ts';
import { runNode } from '../call-node.ts';
import { expectClose, fixture, itemOf } from './fixture-block.ts';

const params = { model: 'test', heads: 3, threshold: 0, epsilon: 0.05 };

describe('fuse/self-resurrecting-gate', () => {
  it.each(['paper', 'code'] as const)("is VisualGPT's block with the gate of the %s", async (variant) => {
    const { services, inputs, outputs } = await fixture('visualgpt_options');
    // The second text and picture have no padding.
    const given = { text: itemOf(inputs.get('hidden'), 1), picture: itemOf(inputs.get('encoder'), 1) };
    const rest = { level2: undefined, level3: undefined };
    const made = await runNode(node, { ...params, variant }, { ...given, ...rest }, services);
    expectClose(made.text, itemOf(outputs.get(`${variant}_output`), 1));
  });

  it('refuses more levels than it has gates for', async () => {
    const { services, inputs } = await fixture('visualgpt_options');
    const picture = itemOf(inputs.get('encoder'), 1);
    const given = { text: itemOf(inputs.get('hidden'), 1), picture, level2: picture, level3: undefined };
    await expect(runNode(node, { ...params, variant: 'code' }, given, services)).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('levels'),
    });
  });
});
