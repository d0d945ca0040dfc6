/** fuse/self-resurrecting-gate: VisualGPT's decoder block. */

import { visualGptBlock } from '../../models/families/visualgpt.ts';
import { VisualGptBlock } from '../../models/families/visualgpt-block.ts';
import { countLayers, finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/self-resurrecting-gate',
  version: 1,
  title: 'Self-resurrecting gate',
  summary: 'A GPT-2 layer that mixes in a picture through gates which close entirely when small, as VisualGPT does.',
  doc: `With a the text after causal self-attention, e what cross-attention to the picture gives and tau the threshold,

    paper:  s = sigmoid(a);            out = s 1(s > tau) e + (1 - s) 1(1 - s > tau) a
    code:   s_i = sigmoid(W_i [a; e_i]) for each level i of the picture's encoder;
            out = sum of s_i 1(s_i > tau) a + (1 - s_i) 1(s_i < 1 - tau) e_i, divided by sqrt(levels)

and then the feed-forward network. What the authors published differs from their paper: both are here. Weights have their names
(\`attn.c_attn\`, \`enc_dec_attn.fc_q\`, \`fc_alpha1\`, \`mlp.c_fc\`); sizes are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'VisualGPT: Data-efficient Adaptation of Pretrained Language Models for Image Captioning',
    url: 'https://arxiv.org/abs/2102.10407',
  },
  params: {
    ...blockParams,
    heads: attentionParams.heads,
    variant: {
      kind: 'choice',
      options: ['paper', 'code'],
      default: 'paper',
      doc: "The paper's gate, or the one of the authors' code.",
    },
    threshold: { kind: 'number', default: 0.2, min: 0, max: 1, doc: 'Shares up to tau are cut to zero.' },
    activation: { ...attentionParams.activation, default: 'gelu_tanh' },
    epsilon: attentionParams.epsilon,
  },
  inputs: {
    text: { type: { kind: 'Features' }, doc: 'Rows of the text, [seq, width].' },
    picture: { type: { kind: 'Features' }, doc: "Rows of the picture; of several levels of its encoder, the first's." },
    level2: { type: { kind: 'Features' }, doc: 'Rows of the second level, for the variant code.', optional: true },
    level3: { type: { kind: 'Features' }, doc: 'Rows of the third level, for the variant code.', optional: true },
  },
  outputs: { text: { type: { kind: 'Features' }, doc: "The text's rows after the layer." } },
  async run({ params, inputs: { text, picture, level2, level3 }, context: { services, signal } }) {
    const { heads, variant, threshold, activation, epsilon } = params;
    const form = ['fuse/self-resurrecting-gate', heads, variant, threshold, activation, epsilon];
    const built = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const [width = 0] = sidesOf(weights, 'ln_1.weight', 1);
      const levels = variant === 'paper' ? 0 : countLayers(weights, (level) => `fc_alpha${level + 1}.weight`);
      const shape = { name, width, heads: checkHeads(heads, width), levels, threshold, epsilon, activation };
      const spec = visualGptBlock(weights, shape);
      finishBlock(weights);
      return { block: await VisualGptBlock.build(spec, { precision }), width };
    });
    using hidden = rowsOfFeatures(text, built.width, 'text');
    const given = [picture, level2, level3].filter((level) => level !== undefined);
    const levels = given.map((level, index) => {
      return rowsOfFeatures(level, built.width, index === 0 ? 'picture' : `level${index + 1}`);
    });
    const input = { hidden, levels };
    const { output, selfAttention, crossed } = await (variant === 'paper'
      ? built.block.runPaper(input, signal)
      : built.block.runCode(input, signal));
    for (const tensor of [selfAttention, ...crossed, ...levels]) tensor.release();
    return { text: featuresOf(output) };
  },
});
