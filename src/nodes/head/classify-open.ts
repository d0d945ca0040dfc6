/** head/classify-open: which of the given labels fits a picture best, told by a whole model. Must not know families. */
import { askedTexts, namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/classify-open',
  version: 1,
  title: 'Open classification',
  summary: 'Probabilities of any labels for a picture, as the model itself works them out.',
  doc: `Picture and labels go through the model's own processors and towers; scores are as its paper defines them: softmax over
the labels (CLIP, ALIGN, FLAVA), or each label on its own (SigLIP's sigmoid), or softmax over how likely the model
would write them (captioners: BLIP, GIT). Bare labels are put into the sentence that the
model's authors use; labels with templates of your own (source/texts) are read as they are. To keep embeddings, or to average over
prompts, wire encode/image, encode/text and head/zero-shot instead.

Errors: \`run/bad-input\` for no label, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (CLIP)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  params: modelParams('zero-shot-image-classification'),
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture.' },
    labels: { type: { kind: 'Text' }, doc: 'Labels, or sentences made from them.', whole: true },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each label, best first.' } },
  async run({ params, inputs: { image, labels }, context: { services, signal } }) {
    const { prompts, labelOf } = askedTexts(labels, 'labels');
    const { perform } = await taskOf(services, params, 'zero-shot-image-classification');
    // Labels that were put into sentences already need no template of the model's.
    const written = labels.some(({ text, label }) => label !== undefined && label !== text);
    const asked = { image, labels: prompts, ...(written ? { template: '{}' } : {}) };
    const scores = await perform(asked, { signal });
    return { scores: namedScores(scores, { subject: image.name, labelOf }) };
  },
});
