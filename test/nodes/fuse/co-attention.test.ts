import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/co-attention.ts';
import { runNode } from '../call-node.ts';
import { expectClose, features, fixture, itemOf } from './fixture-block.ts';

describe('fuse/co-attention', () => {
  it('is a block of ViLBERT', async () => {
    const { services, inputs, outputs } = await fixture('vilbert_coattention');
    const given = { image: itemOf(inputs.get('vision'), 0), text: itemOf(inputs.get('text'), 0) };
    const made = await runNode(node, { model: 'test', prefix: 'c_layer.0.', heads: 4 }, given, services);
    expectClose(made.image, itemOf(outputs.get('vision_0'), 0));
    expectClose(made.text, itemOf(outputs.get('text_0'), 0));
  });

  it('refuses heads, widths and prefixes that do not fit its weights', async () => {
    const { services, inputs } = await fixture('vilbert_coattention');
    const given = { image: itemOf(inputs.get('vision'), 0), text: itemOf(inputs.get('text'), 0) };
    const run = (params: object, more: object = {}) =>
      runNode(node, { model: 'test', prefix: 'c_layer.0.', heads: 4, ...params }, { ...given, ...more }, services);
    await expect(run({ heads: 5 })).rejects.toMatchObject({ code: 'run/bad-parameter' });
    await expect(run({ prefix: 'layer.' })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"layer.biattention.query1.weight" is missing'),
    });
    const narrow = features({ shape: [1, 3], data: new Float32Array(3) });
    await expect(run({}, { text: narrow })).rejects.toMatchObject({
      code: 'run/bad-input',
      message: expect.stringContaining('[seq, 40]'),
    });
  });
});
