/** head/prefix-loss: the objective of prefix language models. Must not know any model. */
import { prefixLmLikelihood } from '../../models/objectives/written-tokens.ts';
import { defineNode } from '../define.ts';
import { logitInputs, logitsOf, measures } from '../measures.ts';

export default defineNode({
  type: 'head/prefix-loss',
  version: 1,
  title: 'PrefixLM loss',
  summary: 'How well a model predicts the rest of a text whose start it was given.',
  doc: `The first tokens are the prefix, which is read as a whole; only those after it are predicted:

    loss = -1/(n - prefix) sum over t >= prefix of ln p(x_t | x_<t)

in nats, where row t - 1 of the logits predicts token t.

Errors: \`run/bad-input\` for logits that do not fit the tokens, \`native/bad-argument\` for a prefix as long as the text.`,
  paper: {
    title: 'SimVLM: Simple Visual Language Model Pretraining with Weak Supervision',
    url: 'https://arxiv.org/abs/2108.10904',
  },
  params: {
    prefix: { kind: 'number', default: 1, min: 1, max: 1_000_000, integer: true, doc: 'Tokens of the prefix.' },
  },
  inputs: logitInputs,
  outputs: { measures: { type: { kind: 'Table' }, doc: 'Loss and perplexity of what follows the prefix.' } },
  async run({ params: { prefix }, inputs: { logits, tokens } }) {
    const { loss, perplexity } = prefixLmLikelihood(logitsOf(logits, tokens), tokens.ids, prefix);
    return { measures: measures({ loss, perplexity }) };
  },
});
