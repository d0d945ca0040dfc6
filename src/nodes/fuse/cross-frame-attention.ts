/** fuse/cross-frame-attention: messages between the frames of a video, as in X-CLIP. */
import { finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { crossFrameAttention } from '../../models/fusion/cross-frame-attention.ts';
import { hiddenOf } from '../../models/fusion/hidden-of.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/cross-frame-attention',
  version: 1,
  title: 'Cross-frame attention',
  summary: 'One message from each frame of a video, after they have attended to one another, as in X-CLIP.',
  doc: `One row c_t for each frame, mostly its class row, becomes a message, and messages attend to one another:

    m_t = W c_t,   m = m + Attention(LN(m)) over the frames

X-CLIP appends a frame's message to its rows for one layer. Weights have its names (\`message_fc\`, \`message_ln\`,
\`message_attn.q_proj\`); sizes are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'Expanding Language-Image Pretrained Models for General Video Recognition (X-CLIP)',
    url: 'https://arxiv.org/abs/2208.02816',
  },
  params: { ...blockParams, heads: attentionParams.heads, epsilon: attentionParams.epsilon },
  inputs: { frames: { type: { kind: 'Features' }, doc: 'One row for each frame, [frames, width].' } },
  outputs: { messages: { type: { kind: 'Features' }, doc: 'One message for each frame, [frames, width].' } },
  async run({ params, inputs: { frames }, context: { services, signal } }) {
    const { heads, epsilon } = params;
    const form = ['fuse/cross-frame-attention', heads, epsilon];
    const block = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const [width = 0] = sidesOf(weights, 'message_fc.weight', 2);
      const shape = { name, width, heads: checkHeads(heads, width), epsilon };
      const { message, exchange } = crossFrameAttention(weights, shape);
      finishBlock(weights);
      const built = { message: await Linear.build(message, { precision }) };
      return { ...built, exchange: await Stack.build(exchange, { precision }) };
    });
    using classes = rowsOfFeatures(frames, block.exchange.width, 'frames');
    using told = await block.message.run(classes, { signal });
    return { messages: featuresOf(await hiddenOf(block.exchange, told, { signal })) };
  },
});
