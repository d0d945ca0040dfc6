/** head/masked-likelihood: how likely a model finds tokens that were hidden from it. Must not know any model. */
import { WeftError } from '../../errors.ts';
import { maskedLikelihood, NOT_MASKED } from '../../models/objectives/masked-tokens.ts';
import { defineNode } from '../define.ts';
import { logitInputs, logitsOf, measures } from '../measures.ts';

export default defineNode({
  type: 'head/masked-likelihood',
  version: 1,
  title: 'Masked-token likelihood',
  summary: 'How likely a model finds the right tokens at places that it could not see.',
  doc: `With h the hidden places and x the right tokens,

    log likelihood = sum over h of ln softmax(logits_h)[x_h],   loss = -log likelihood / number of hidden places

in nats. The logits are those of the text with the tokens hidden; the tokens are the right ones.

Errors: \`run/bad-input\` for logits that do not fit the tokens, \`run/bad-parameter\` for a place beyond the text.`,
  paper: {
    title: 'BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding',
    url: 'https://arxiv.org/abs/1810.04805',
  },
  params: {
    positions: { kind: 'numbers', minItems: 1, doc: 'Places of the hidden tokens, counted from 0.' },
  },
  inputs: logitInputs,
  outputs: { measures: { type: { kind: 'Table' }, doc: 'Log likelihood, loss, and ln p of each hidden token.' } },
  async run({ params: { positions }, inputs: { logits, tokens } }) {
    const rows = logitsOf(logits, tokens);
    const wrong = positions.find((place) => !Number.isSafeInteger(place) || place < 0 || place >= tokens.ids.length);
    if (wrong !== undefined) {
      const expected = `whole numbers from 0 to ${tokens.ids.length - 1}`;
      throw new WeftError('run/bad-parameter', { param: 'positions', expected, received: wrong });
    }
    const hidden = new Set(positions);
    const labels = tokens.ids.map((id, place) => (hidden.has(place) ? id : NOT_MASKED));
    const { logLikelihood, loss, tokens: each } = maskedLikelihood(rows, labels);
    const places = [...hidden].sort((one, other) => one - other);
    const single = Object.fromEntries(each.map((value, index) => [`token at ${places[index]}`, value]));
    return { measures: measures({ 'log likelihood': logLikelihood, loss, ...single }) };
  },
});
