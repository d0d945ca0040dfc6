/** fuse/perceiver-resampler: any number of rows as a fixed number of learned ones. */
import { countLayers, finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { PerceiverResampler, resampler } from '../../models/fusion/perceiver-resampler.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/perceiver-resampler',
  version: 1,
  title: 'Perceiver resampler',
  summary: 'Makes a fixed number of rows of any number of them, through learned ones that attend to all.',
  doc: `Learned rows z ask the picture's rows x and themselves, layer by layer,

    z = z + W_o Attention(Q LN(z), K [LN(x); LN(z)], V [LN(x); LN(z)]),   z = z + FFN(LN(z))

and a norm stands at the end. Embeddings of frames and pictures are not added. Weights have open_flamingo's names (\`latents\`,
\`layers.0.0.to_q\`, \`layers.0.1.1\`, \`norm\`); sizes and the number of layers are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'Flamingo: a Visual Language Model for Few-Shot Learning',
    url: 'https://arxiv.org/abs/2204.14198',
  },
  params: { ...blockParams, ...attentionParams },
  inputs: { rows: { type: { kind: 'Features' }, doc: 'Rows of a picture or of frames, [seq, width].' } },
  outputs: { rows: { type: { kind: 'Features' }, doc: 'The learned rows, [latents, width].' } },
  async run({ params, inputs: { rows }, context: { services, signal } }) {
    const { heads, activation, epsilon } = params;
    const form = ['fuse/perceiver-resampler', heads, activation, epsilon];
    const block = await blockOf(services, params, form, async ({ name, weights, precision }) => {
      const [latents = 0, width = 0] = sidesOf(weights, 'latents', 2);
      const [attentionWidth = 0] = sidesOf(weights, 'layers.0.0.to_q.weight', 2);
      const [inner = 0] = sidesOf(weights, 'layers.0.1.1.weight', 2);
      const layers = countLayers(weights, (layer) => `layers.${layer}.0.to_q.weight`);
      const headSize = attentionWidth / checkHeads(heads, attentionWidth);
      const shape = { name, width, latents, layers, heads, headSize, inner, activation, epsilon };
      const spec = await resampler(weights, shape);
      finishBlock(weights);
      return PerceiverResampler.build(spec, { precision });
    });
    using given = rowsOfFeatures(rows, block.width, 'rows');
    return { rows: featuresOf(await block.run(given, signal)) };
  },
});
