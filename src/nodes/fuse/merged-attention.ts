/** fuse/merged-attention: picture and text side by side in one layer. */
import { finishBlock } from '../../models/fusion/block-loader.ts';
import { MergedAttention, mergedAttention } from '../../models/fusion/merged-attention.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/merged-attention',
  version: 1,
  title: 'Merged attention',
  summary: 'One layer over picture and text side by side: each row attends to all of both.',
  doc: `The rows [x; y] of both inputs go through one transformer layer,

    [x; y] = [x; y] + Attention([x; y]),   [x; y] = [x; y] + FFN([x; y])

with a norm before each half (ViLT, FLAVA) or after it (VisualBERT). Sizes are those of the weights, whose names may be those of
BERT, ViT, CLIP or timm.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'An Empirical Study of Training End-to-End Vision-and-Language Transformers (METER)',
    url: 'https://arxiv.org/abs/2111.02387',
  },
  params: {
    ...blockParams,
    heads: attentionParams.heads,
    norms: {
      kind: 'choice',
      options: ['before', 'after'],
      default: 'before',
      doc: 'Where the norms stand: before each half (ViT) or after it (BERT).',
    },
    activation: attentionParams.activation,
    epsilon: attentionParams.epsilon,
  },
  inputs: {
    image: { type: { kind: 'Features' }, doc: 'Rows of the picture [seq, width].' },
    text: { type: { kind: 'Features' }, doc: 'Rows of the text [seq, width].' },
  },
  outputs: {
    image: { type: { kind: 'Features' }, doc: "The picture's rows after the layer." },
    text: { type: { kind: 'Features' }, doc: "The text's rows after the layer." },
  },
  async run({ params, inputs: { image, text }, context: { services, signal } }) {
    const { heads, norms, activation, epsilon } = params;
    const form = ['fuse/merged-attention', heads, norms, activation, epsilon];
    const block = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const spec = mergedAttention(weights, { name, heads, norms, activation, epsilon });
      checkHeads(heads, spec.width);
      finishBlock(weights);
      return MergedAttention.build(spec, { precision });
    });
    using picture = rowsOfFeatures(image, block.width, 'image');
    using words = rowsOfFeatures(text, block.width, 'text');
    const { first, second } = await block.run(picture, words, signal);
    return { image: featuresOf(first), text: featuresOf(second) };
  },
});
