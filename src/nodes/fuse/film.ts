/** fuse/film: a condition that scales and shifts the columns of rows. */
import { finishBlock } from '../../models/fusion/block-loader.ts';
import { Film, film } from '../../models/fusion/film.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, featuresOf, rowOfEmbedding, rowsOfFeatures } from '../fusion-block.ts';
import { blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/film',
  version: 1,
  title: 'FiLM',
  summary: 'Scales and shifts the columns of rows by what an embedding says.',
  doc: `    x = (W_m c + b_m) * x + (W_a c + b_a)

for every row x and the condition c. Weights have CLIPSeg's names (\`film_mul\`, \`film_add\`); sizes are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'FiLM: Visual Reasoning with a General Conditioning Layer',
    url: 'https://arxiv.org/abs/1709.07871',
  },
  params: blockParams,
  inputs: {
    rows: { type: { kind: 'Features' }, doc: 'Rows [seq, width].' },
    condition: { type: { kind: 'Embedding' }, doc: 'Of a text or a picture, as projected.' },
  },
  outputs: { rows: { type: { kind: 'Features' }, doc: 'The rows under the condition.' } },
  async run({ params, inputs: { rows, condition }, context: { services, signal } }) {
    const block = await blockOf(services, params, ['fuse/film'], ({ weights, precision }) => {
      const spec = film(weights);
      finishBlock(weights);
      return Film.build(spec, { precision });
    });
    using given = rowsOfFeatures(rows, block.width, 'rows');
    using told = rowOfEmbedding(condition, block.inputs, 'condition');
    return { rows: featuresOf(await block.run(given, told, signal)) };
  },
});
