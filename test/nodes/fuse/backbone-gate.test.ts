import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/backbone-gate.ts';
import { runNode } from '../call-node.ts';
import { expectClose, fixture, itemOf } from './fixture-block.ts';

const params = {
  ...{ model: 'test', imagePrefix: 'image.0.', textPrefix: 'text.0.', imageHeads: 3, textHeads: 2 },
  ...{ imageEpsilon: 0.05, textEpsilon: 0.001 },
};

async function given() {
  const { services, inputs, outputs } = await fixture('fiber_options');
  // The second text has no padding.
  return { services, outputs, inputs: { image: itemOf(inputs.get('image'), 1), text: itemOf(inputs.get('text'), 1) } };
}

describe('fuse/backbone-gate', () => {
  it('is a fused layer of FIBER', async () => {
    const { services, inputs, outputs } = await given();
    const made = await runNode(node, params, inputs, services);
    expectClose(made.image, itemOf(outputs.get('image_0'), 1));
    expectClose(made.text, itemOf(outputs.get('text_0'), 1));
  });

  it('is two unimodal layers when switched off', async () => {
    const { services, inputs, outputs } = await given();
    const made = await runNode(node, { ...params, fused: false }, inputs, services);
    expectClose(made.image, itemOf(outputs.get('image_plain'), 1));
    expectClose(made.text, itemOf(outputs.get('text_plain'), 1));
  });

  it('says whose heads do not divide their width', async () => {
    const { services, inputs } = await given();
    await expect(runNode(node, { ...params, textHeads: 3 }, inputs, services)).rejects.toMatchObject({
      code: 'run/bad-parameter',
      message: expect.stringContaining('textHeads'),
    });
  });
});
