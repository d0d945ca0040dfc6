/** head/classify-image: which of a classifier's own classes a picture shows. Must not know families. */
import { namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/classify-image',
  version: 1,
  title: 'Picture classification',
  summary: "Probabilities of a classifier's own classes for a picture.",
  doc: `The picture is prepared as the model's preprocessor_config.json says; classes and their names are those of its config.json
(\`id2label\`). Scores are softmax over all classes; the five best are given, best first.

Errors: ${MODEL_ERRORS}.`,
  paper: {
    title: 'An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale (ViT)',
    url: 'https://arxiv.org/abs/2010.11929',
  },
  params: modelParams('image-classification'),
  inputs: { image: { type: { kind: 'Image' }, doc: 'The picture.' } },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each class, best first.' } },
  async run({ params, inputs: { image }, context: { services, signal } }) {
    const { perform } = await taskOf(services, params, 'image-classification');
    return { scores: namedScores(await perform({ image }, { signal }), { subject: image.name }) };
  },
});
