import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/prefix-mapper.ts';
import { runNode } from '../call-node.ts';
import { blocksOf, drawn, expectClose, featuresFrom, fixture, itemOf, linearRows } from './fixture-block.ts';

const none = { embedding: undefined, rows: undefined };
const embeddingOf = (data: Float32Array) => ({ kind: 'Embedding', space: 'test', data }) as const;

describe('fuse/prefix-mapper', () => {
  it("is MAPL's mapper over all rows of a picture", async () => {
    const { services, inputs, outputs } = await fixture('mapl_prefix');
    const params = { model: 'test', prefix: 'clip_project.', mapper: 'mapl', heads: 4 };
    const given = { ...none, rows: itemOf(inputs.get('visual'), 1) };
    expectClose((await runNode(node, params, given, services)).prefix, itemOf(outputs.get('prefix_embeds'), 1));
  });

  it.each([
    ['clipcap_transformer', { mapper: 'clipcap-transformer' }],
    ['prefix_options', { mapper: 'clipcap-mlp', length: 3 }],
  ])("is ClipCap's mapper over an embedding: %s", async (name, params) => {
    const { services, inputs, outputs } = await fixture(name);
    const visual = inputs.get('visual')!;
    const row = itemOf({ shape: [1, visual.shape[1]!], data: visual.data }, 1);
    const given = { model: 'test', prefix: 'clip_project.', ...params };
    const expected = itemOf(outputs.get('prefix_embeds'), 1);
    expectClose((await runNode(node, given, { ...none, embedding: embeddingOf(row.data) }, services)).prefix, expected);
    expectClose((await runNode(node, given, { ...none, rows: row }, services)).prefix, expected);
  });

  it("is Frozen's matrix", async () => {
    const weights = { 'to_prefix.weight': drawn(1, 6, 4), 'to_prefix.bias': drawn(2, 6) };
    const visual = drawn(3, 4).data;
    const params = { model: 'test', prefix: 'to_prefix.', mapper: 'frozen', length: 2 };
    const given = { ...none, embedding: embeddingOf(visual) };
    const [row] = linearRows([[...visual]], weights['to_prefix.weight'], weights['to_prefix.bias'].data);
    const expected = featuresFrom([row!.slice(0, 3), row!.slice(3)]);
    expectClose((await runNode(node, params, given, await blocksOf(weights))).prefix, expected);
    const uneven = runNode(node, { ...params, length: 4 }, given, await blocksOf(weights));
    await expect(uneven).rejects.toMatchObject({ code: 'run/bad-parameter' });
  });

  it('takes an embedding or rows, of its own width', async () => {
    const { services, inputs } = await fixture('mapl_prefix');
    const params = { model: 'test', prefix: 'clip_project.', mapper: 'mapl', heads: 4 };
    const rows = itemOf(inputs.get('visual'), 0);
    const run = (given: object) => runNode(node, params, { ...none, ...given }, services);
    await expect(run({})).rejects.toMatchObject({ code: 'run/bad-input' });
    await expect(run({ rows, embedding: embeddingOf(rows.data) })).rejects.toMatchObject({ code: 'run/bad-input' });
    await expect(run({ embedding: embeddingOf(new Float32Array(3)) })).rejects.toMatchObject({
      code: 'run/bad-input',
      message: expect.stringContaining('[24]'),
    });
  });
});
