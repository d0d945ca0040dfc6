/** encode/text-features: a row for each token of a text, from the text tower of any family. Must not know families. */
import { defineNode } from '../define.ts';
import { featureParams, featuresFrom, MODEL_ERRORS } from '../model-features.ts';

export default defineNode({
  type: 'encode/text-features',
  version: 1,
  title: 'Text features',
  summary: 'The last rows of a text tower, one for each token: what fusion blocks take.',
  doc: `The text is tokenized by the model's own tokenizer, cut off at its longest length. Its features are the rows after the tower's
last layer and its norm, [tokens, width], before pooling and projection; the tokens come beside them.

Errors: ${MODEL_ERRORS}.`,
  params: featureParams('text'),
  inputs: { text: { type: { kind: 'Text' }, doc: 'A sentence or prompt.' } },
  outputs: {
    features: { type: { kind: 'Features' }, doc: 'float32 [tokens, width].' },
    tokens: { type: { kind: 'Tokens' }, doc: 'The tokens that were read, one for each row.' },
  },
  async run({ params, inputs: { text }, context: { services, signal } }) {
    const read = await featuresFrom(services, params, 'text');
    return read(text.text, { signal });
  },
});
