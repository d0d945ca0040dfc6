/** head/ground-phrases: which region of a picture each phrase of a text means. Must not know families. */
import { askedTexts, namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { regionInputs, regionsOf } from '../sight.ts';

export default defineNode({
  type: 'head/ground-phrases',
  version: 1,
  title: 'Phrase grounding',
  summary: 'Finds the region of a picture that each phrase of a text means.',
  doc: `The text is read together with the regions; the last token of a phrase tells which of them it means. Phrases are parts of the
text, word by word. Scores are one entry for each phrase, \`PHRASE: region N\`, counted from 1, with its probability among all regions
(softmax), best first.

Errors: \`run/bad-input\` for no phrase, \`model/bad-input\` for one that does not stand in the text, ${MODEL_ERRORS}.`,
  paper: {
    title: 'VisualBERT: A Simple and Performant Baseline for Vision and Language',
    url: 'https://arxiv.org/abs/1908.03557',
  },
  params: modelParams('phrase-grounding'),
  inputs: {
    features: { ...regionInputs.features, optional: false },
    boxes: regionInputs.boxes,
    text: { type: { kind: 'Text' }, doc: 'What is said about the picture.' },
    phrases: { type: { kind: 'Text' }, doc: 'Parts of the text.', whole: true },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'The region of each phrase, the surest first.' } },
  async run({ params, inputs: { features, boxes, text, phrases }, context: { services, signal } }) {
    const { prompts } = askedTexts(phrases, 'phrases');
    const regions = regionsOf(features, boxes);
    const { perform } = await taskOf(services, params, 'phrase-grounding');
    const scores = await perform({ regions, text: text.text, phrases: prompts }, { signal });
    return { scores: namedScores(scores, { subject: text.label ?? text.text }) };
  },
});
