/** head/classify-text: which of a classifier's own classes a text belongs to. Must not know families. */
import { namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/classify-text',
  version: 1,
  title: 'Text classification',
  summary: "Probabilities of a classifier's own classes for a text.",
  doc: `The text is tokenized by the model's own tokenizer; classes and their names are those of its config.json (\`id2label\`).
Scores are softmax over all classes, best first.

Errors: ${MODEL_ERRORS}.`,
  paper: {
    title: 'BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding',
    url: 'https://arxiv.org/abs/1810.04805',
  },
  params: modelParams('text-classification'),
  inputs: { text: { type: { kind: 'Text' }, doc: 'A sentence.' } },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each class, best first.' } },
  async run({ params, inputs: { text }, context: { services, signal } }) {
    const { perform } = await taskOf(services, params, 'text-classification');
    const scores = await perform({ text: text.text }, { signal });
    return { scores: namedScores(scores, { subject: text.label ?? text.text }) };
  },
});
