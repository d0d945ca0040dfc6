/** head/match-probability: whether picture and text belong together, read off fused rows. */

import { WeftError } from '../../errors.ts';
import { linear } from '../../models/blocks/linear.ts';
import { finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { matchingProbabilities } from '../../models/objectives/matching.ts';
import { gatherRows } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, rowsOfFeatures } from '../fusion-block.ts';
import { blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'head/match-probability',
  version: 1,
  title: 'Match probability',
  summary: 'Probability that picture and text belong together, by a matching head over the first fused row.',
  doc: `A matching head (ITM) [1 or 2, width] reads the first row, where fusion encoders gather what they know:

    two outputs:  p = softmax(W x + b)[1]       one output:  p = sigmoid(W x + b)

Weights are PREFIX\`weight\` and PREFIX\`bias\`: the prefix \`itm_head.\` reads \`itm_head.weight\`.

Errors: ${BLOCK_ERRORS}; \`model/unsupported\` for a head of more than two outputs.`,
  paper: {
    title: 'Align before Fuse: Vision and Language Representation Learning with Momentum Distillation (ALBEF)',
    url: 'https://arxiv.org/abs/2107.07651',
  },
  params: blockParams,
  inputs: { rows: { type: { kind: 'Features' }, doc: 'Rows after fusion; the first is read.' } },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of match and of no match.' } },
  async run({ params, inputs: { rows }, context: { services, signal } }) {
    const place = { ...params, prefix: '' };
    const name = params.prefix.replace(/\.$/, '');
    const head = await blockOf(services, place, ['head/match-probability', name], ({ weights, precision }) => {
      const [outputs = 0, inputs = 0] = sidesOf(weights, `${name}.weight`, 2);
      if (outputs > 2) {
        const expected = 'a matching head of one or two outputs';
        throw new WeftError('model/unsupported', { model: params.model, expected, received: `one of ${outputs}` });
      }
      const spec = linear(weights, name, { inputs, outputs });
      finishBlock(weights);
      return Linear.build(spec, { precision });
    });
    using given = rowsOfFeatures(rows, head.inputs, 'rows');
    using first = await gatherRows(given, Int32Array.of(0), [1], { signal });
    using logits = await head.run(first, { signal });
    const [match = 0] = matchingProbabilities(logits.toFloats(), head.outputs as 1 | 2);
    const entries = [
      { label: 'match', score: match },
      { label: 'no match', score: 1 - match },
    ];
    return {
      scores: { kind: 'Scores', entries: entries.sort((one, other) => other.score - one.score), normalized: true },
    };
  },
});
