/** head/image-text-match: how probable it is that texts describe a picture. Must not know families. */
import { askedTexts, namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { sightInputs, sightOf } from '../sight.ts';

export default defineNode({
  type: 'head/image-text-match',
  version: 1,
  title: 'Picture and text matching',
  summary: 'How probable it is that each text describes a picture, judged by a fusion model.',
  doc: `Each text is read together with the picture by the model's cross-modal layers (image-text matching, ITM). A score is the
probability that the text belongs to the picture; the scores of several texts do not add up to 1. Best first.

Errors: \`run/bad-input\` for no text, or neither picture nor regions, ${MODEL_ERRORS}.`,
  paper: {
    title: 'ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision',
    url: 'https://arxiv.org/abs/2102.03334',
  },
  params: modelParams('image-text-matching'),
  inputs: {
    ...sightInputs,
    texts: { type: { kind: 'Text' }, doc: 'What may describe the picture.', whole: true },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each text, best first.' } },
  async run({ params, inputs: { texts, ...seen }, context: { services, signal } }) {
    const { prompts, labelOf } = askedTexts(texts, 'texts');
    const sight = sightOf(seen);
    const { perform } = await taskOf(services, params, 'image-text-matching');
    const scores = await perform({ ...sight, texts: prompts }, { signal });
    return { scores: namedScores(scores, { subject: seen.image?.name, labelOf }) };
  },
});
