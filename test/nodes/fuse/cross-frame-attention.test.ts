import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/cross-frame-attention.ts';
import { runNode } from '../call-node.ts';
import {
  addRows,
  attendRows,
  blocksOf,
  drawn,
  expectClose,
  features,
  featuresFrom,
  linearRows,
  normRows,
  rowsOf,
  type Weights,
} from './fixture-block.ts';

const matrices = [
  'message_fc',
  'message_attn.q_proj',
  'message_attn.k_proj',
  'message_attn.v_proj',
  'message_attn.out_proj',
];
const weights: Weights = {
  ...Object.fromEntries(
    matrices.flatMap((name, index) => [
      [`${name}.weight`, drawn(index + 1, 6, 6)],
      [`${name}.bias`, drawn(index + 11, 6)],
    ]),
  ),
  ...{ 'message_ln.weight': drawn(21, 6), 'message_ln.bias': drawn(22, 6) },
};
const frames = features(drawn(31, 4, 6));
const params = { model: 'test', heads: 2, epsilon: 0.01 };

describe('fuse/cross-frame-attention', () => {
  it('lets the messages of the frames attend to one another', async () => {
    const made = await runNode(node, params, { frames }, await blocksOf(weights));
    const apply = (rows: number[][], name: string) =>
      linearRows(rows, weights[`${name}.weight`]!, weights[`${name}.bias`]!.data);
    const messages = apply(rowsOf(frames), 'message_fc');
    const normed = normRows(messages, weights['message_ln.weight']!.data, weights['message_ln.bias']!.data, 0.01);
    const [q, k, v] = ['q', 'k', 'v'].map((part) => apply(normed, `message_attn.${part}_proj`));
    const told = apply(attendRows(q!, k!, v!, 2), 'message_attn.out_proj');
    expectClose(made.messages, featuresFrom(addRows(messages, told)));
  });

  it('refuses heads that do not divide the width', async () => {
    await expect(runNode(node, { ...params, heads: 4 }, { frames }, await blocksOf(weights))).rejects.toMatchObject({
      code: 'run/bad-parameter',
    });
  });
});
