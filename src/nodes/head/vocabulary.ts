/** head/vocabulary: how likely every token of a vocabulary is at each row. */
import { finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, rowsOfFeatures } from '../fusion-block.ts';
import { blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'head/vocabulary',
  version: 1,
  title: 'Vocabulary logits',
  summary: 'Logits of every token of a vocabulary at each row, by a matrix of a checkpoint.',
  doc: `    logits = x W^T + b

with W [vocabulary, width] a matrix of the checkpoint: a head of its own, or the embedding table that it is tied to.

Errors: ${BLOCK_ERRORS}.`,
  params: {
    model: blockParams.model,
    weight: { kind: 'text', doc: 'Full name of the matrix [vocabulary, width]: `lm_head.weight`.' },
    bias: { kind: 'text', optional: true, doc: 'Full name of its bias [vocabulary]; none when left out.' },
    precision: blockParams.precision,
  },
  inputs: { rows: { type: { kind: 'Features' }, doc: 'Rows [seq, width].' } },
  outputs: {
    logits: { type: { kind: 'Tensor', dtype: 'float32', shape: [null, null] }, doc: 'float32 [seq, vocabulary].' },
  },
  async run({ params, inputs: { rows }, context: { services, signal } }) {
    const { model, weight, bias, precision } = params;
    const place = { model, precision, prefix: '' };
    const head = await blockOf(services, place, ['head/vocabulary', weight, bias ?? null], ({ weights }) => {
      const [outputs = 0] = sidesOf(weights, weight, 2);
      const spec = { weight: weights.take(weight, [outputs, null]) };
      const biased = bias === undefined ? spec : { ...spec, bias: weights.take(bias, [outputs]) };
      finishBlock(weights);
      return Linear.build(biased, { precision });
    });
    using given = rowsOfFeatures(rows, head.inputs, 'rows');
    using made = await head.run(given, { signal });
    using logits = reshape(made, [rows.seq, head.outputs]);
    return { logits: { kind: 'Tensor', dtype: 'float32', shape: logits.shape, data: logits.toFloats() } };
  },
});
