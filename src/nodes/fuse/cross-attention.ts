/** fuse/cross-attention: rows that ask others. */
import { finishBlock } from '../../models/fusion/block-loader.ts';
import { crossAttentionLayer } from '../../models/fusion/cross-attention-layer.ts';
import { hiddenOf } from '../../models/fusion/hidden-of.ts';
import { Stack } from '../../native/stack.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/cross-attention',
  version: 1,
  title: 'Cross-attention',
  summary: 'Rows of one side attend to those of the other, without a feed-forward network.',
  doc: `With x the rows and y what they ask,

    after:   x = LN(x + Attention(Q x, K y, V y))
    before:  x = x + Attention(Q LN(x), K y, V y)

Without the residual only what the attention gives comes out. Sizes are those of the weights, whose names may be those of BERT's
heirs (\`crossattention.self.query\`), of LXMERT (\`att.query\`) or of decoders (\`encoder_attn.q_proj\`, \`cross_attn.q\`).

Errors: ${BLOCK_ERRORS}.`,
  paper: { title: 'Attention Is All You Need', url: 'https://arxiv.org/abs/1706.03762' },
  params: {
    ...blockParams,
    heads: attentionParams.heads,
    norm: { kind: 'choice', options: ['before', 'after', 'none'], default: 'after', doc: 'Where its norm stands.' },
    residual: { kind: 'boolean', default: true, advanced: true, doc: 'Add what the attention gives to the rows.' },
    epsilon: attentionParams.epsilon,
  },
  inputs: {
    rows: { type: { kind: 'Features' }, doc: 'Rows that ask, [seq, width].' },
    memory: { type: { kind: 'Features' }, doc: 'Rows that are asked, of any width that the weights have.' },
  },
  outputs: { rows: { type: { kind: 'Features' }, doc: 'The rows that asked, [seq, width].' } },
  async run({ params, inputs: { rows, memory }, context: { services, signal } }) {
    const { heads, norm, residual, epsilon } = params;
    const form = ['fuse/cross-attention', heads, norm, residual, epsilon];
    const block = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const { stack, memoryWidth, inner } = crossAttentionLayer(weights, { name, heads, norm, residual, epsilon });
      checkHeads(heads, inner);
      finishBlock(weights);
      return { stack: await Stack.build(stack, { precision }), memoryWidth };
    });
    using asking = rowsOfFeatures(rows, block.stack.width, 'rows');
    using asked = rowsOfFeatures(memory, block.memoryWidth, 'memory');
    return { rows: featuresOf(await hiddenOf(block.stack, asking, { memory: [{ rows: asked }], signal })) };
  },
});
