/** head/caption-perplexity: how well a model that writes predicts a text. Must not know any model. */
import { captionLikelihood } from '../../models/objectives/written-tokens.ts';
import { defineNode } from '../define.ts';
import { logitInputs, logitsOf, measures } from '../measures.ts';

export default defineNode({
  type: 'head/caption-perplexity',
  version: 1,
  title: 'Caption perplexity',
  summary: 'Between how many tokens a model wavers when it reads a caption word by word.',
  doc: `Row t of the logits has read tokens 0 to t and predicts token t + 1; the first token is given:

    loss = -1/(n - 1) sum over t >= 1 of ln p(x_t | x_<t),   perplexity = exp(loss)

Errors: \`run/bad-input\` for logits that do not fit the tokens, \`native/bad-argument\` for a text of one token.`,
  params: {},
  inputs: logitInputs,
  outputs: { measures: { type: { kind: 'Table' }, doc: 'Perplexity and loss, in nats.' } },
  async run({ inputs: { logits, tokens } }) {
    const { perplexity, loss } = captionLikelihood(logitsOf(logits, tokens), tokens.ids);
    return { measures: measures({ perplexity, loss }) };
  },
});
