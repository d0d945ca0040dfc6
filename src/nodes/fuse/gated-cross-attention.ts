/** fuse/gated-cross-attention: Flamingo's block before a layer of a language model. */
import { finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { GatedCrossAttention, gatedCrossAttention } from '../../models/fusion/gated-cross-attention.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/gated-cross-attention',
  version: 1,
  title: 'Tanh-gated cross-attention',
  summary: 'A text attends to a picture through gates that start closed, as in Flamingo.',
  doc: `    y = y + tanh(a) XAttn(LN(y), media),   y = y + tanh(b) FFN(LN(y))

with a and b learned numbers that start at 0, where the block changes nothing. Every row of the text sees all rows of the media.
Weights have open_flamingo's names (\`attn.to_q\`, \`attn_gate\`, \`ff.1\`); sizes are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'Flamingo: a Visual Language Model for Few-Shot Learning',
    url: 'https://arxiv.org/abs/2204.14198',
  },
  params: { ...blockParams, ...attentionParams },
  inputs: {
    text: { type: { kind: 'Features' }, doc: 'Rows of the text, [seq, width].' },
    media: { type: { kind: 'Features' }, doc: 'Rows of the picture, mostly those of a perceiver resampler.' },
  },
  outputs: { text: { type: { kind: 'Features' }, doc: "The text's rows, informed by the media." } },
  async run({ params, inputs: { text, media }, context: { services, signal } }) {
    const { heads, activation, epsilon } = params;
    const form = ['fuse/gated-cross-attention', heads, activation, epsilon];
    const built = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const [attentionWidth = 0, width = 0] = sidesOf(weights, 'attn.to_q.weight', 2);
      const [, memoryWidth = 0] = sidesOf(weights, 'attn.to_kv.weight', 2);
      const [inner = 0] = sidesOf(weights, 'ff.1.weight', 2);
      const headSize = attentionWidth / checkHeads(heads, attentionWidth);
      const shape = { name, width, memoryWidth, heads, headSize, inner, activation, epsilon };
      const spec = gatedCrossAttention(weights, shape);
      finishBlock(weights);
      return { block: await GatedCrossAttention.build(spec, { precision }), width, memoryWidth };
    });
    using words = rowsOfFeatures(text, built.width, 'text');
    using seen = rowsOfFeatures(media, built.memoryWidth, 'media');
    return { text: featuresOf(await built.block.run({ text: words, media: seen }, signal)) };
  },
});
