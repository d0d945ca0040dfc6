/** fuse/bridge-layer: a layer of a unimodal tower joins the cross-modal stream. */

import { finishBlock } from '../../models/fusion/block-loader.ts';
import { BridgeLayer, bridgeLayer } from '../../models/fusion/bridge-layer.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/bridge-layer',
  version: 1,
  title: 'Bridge layer',
  summary: 'Adds rows of a unimodal tower to the cross-modal stream and norms the sum, as in BridgeTower.',
  doc: `With u the tower's rows, x those of the cross-modal stream and z = W u where the weights have a \`transform\`, else u,

    add: LN(z + x)     scaled_add: LN(s z + x)     interpolate: LN((1 - b) z + b x)

Weights have the names of transformers (\`LayerNorm\`, \`scaled_factor\`, \`beta\`). Both inputs have as many rows.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'BridgeTower: Building Bridges Between Encoders in Vision-Language Representation Learning',
    url: 'https://arxiv.org/abs/2206.08657',
  },
  params: {
    ...blockParams,
    kind: {
      kind: 'choice',
      options: ['add', 'scaled_add', 'interpolate'],
      default: 'add',
      doc: "How the two are joined; config.json's `link_tower_type`.",
    },
    epsilon: attentionParams.epsilon,
  },
  inputs: {
    unimodal: { type: { kind: 'Features' }, doc: "Rows of the tower's layer." },
    crossed: { type: { kind: 'Features' }, doc: 'Rows of the cross-modal stream.' },
  },
  outputs: { rows: { type: { kind: 'Features' }, doc: 'The stream after the bridge.' } },
  async run({ params, inputs: { unimodal, crossed }, context: { services, signal } }) {
    const { kind, epsilon } = params;
    const block = await blockOf(services, params, ['fuse/bridge-layer', kind, epsilon], async (sources) => {
      const spec = await bridgeLayer(sources.weights, { name: sources.name, kind, epsilon });
      finishBlock(sources.weights);
      return BridgeLayer.build(spec, { precision: sources.precision });
    });
    using own = rowsOfFeatures(unimodal, block.inputs, 'unimodal');
    using stream = rowsOfFeatures(crossed, block.width, 'crossed', unimodal.seq);
    return { rows: featuresOf(await block.run(own, stream, signal)) };
  },
});
