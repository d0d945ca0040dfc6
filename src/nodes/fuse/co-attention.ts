/** fuse/co-attention: two streams that ask each other, as ViLBERT has them. */
import { finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { CoAttention, coAttention } from '../../models/fusion/co-attention.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/co-attention',
  version: 1,
  title: 'Co-attention',
  summary: 'Picture and text attend to each other, each with weights and a feed-forward network of its own.',
  doc: `With i and t the rows of picture and text as they come in,

    i = LN(i + W_i Attention(Q_i i, K_t t, V_t t)),   i = LN(i + FFN(i))

and likewise for t. The two may have different widths. Weights have ViLBERT's names (\`biattention.query1\`, \`biOutput.dense1\`,
\`v_intermediate.dense\`), where 1 is the picture and 2 the text; sizes are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'ViLBERT: Pretraining Task-Agnostic Visiolinguistic Representations for Vision-and-Language Tasks',
    url: 'https://arxiv.org/abs/1908.02265',
  },
  params: {
    ...blockParams,
    ...attentionParams,
    epsilon: { ...attentionParams.epsilon, default: 1e-12 },
  },
  inputs: {
    image: { type: { kind: 'Features' }, doc: 'Rows of the picture or of its regions.' },
    text: { type: { kind: 'Features' }, doc: 'Rows of the text.' },
  },
  outputs: {
    image: { type: { kind: 'Features' }, doc: "The picture's rows, informed by the text." },
    text: { type: { kind: 'Features' }, doc: "The text's rows, informed by the picture." },
  },
  async run({ params, inputs: { image, text }, context: { services, signal } }) {
    const { heads, activation, epsilon } = params;
    const form = ['fuse/co-attention', heads, activation, epsilon];
    const built = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const [inner = 0, visionWidth = 0] = sidesOf(weights, 'biattention.query1.weight', 2);
      const [, textWidth = 0] = sidesOf(weights, 'biattention.query2.weight', 2);
      const [visionFeedForward = 0] = sidesOf(weights, 'v_intermediate.dense.weight', 2);
      const [textFeedForward = 0] = sidesOf(weights, 't_intermediate.dense.weight', 2);
      const spec = coAttention(name, weights, {
        ...{ visionWidth, textWidth, inner, visionFeedForward, textFeedForward, epsilon },
        ...{ heads: checkHeads(heads, inner), visionActivation: activation, textActivation: activation },
      });
      finishBlock(weights);
      return { block: await CoAttention.build(spec, { precision }), visionWidth, textWidth };
    });
    using picture = rowsOfFeatures(image, built.visionWidth, 'image');
    using words = rowsOfFeatures(text, built.textWidth, 'text');
    const made = await built.block.run({ rows: picture }, { rows: words }, signal);
    made.visionAttended.release();
    made.textAttended.release();
    return { image: featuresOf(made.vision), text: featuresOf(made.text) };
  },
});
