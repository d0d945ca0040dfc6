/** head/detect-example: objects that look like the one of another picture. Must not know families. */
import { defineNode } from '../define.ts';
import { namedBoxes, thresholdOf, thresholdParam } from '../found-objects.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/detect-example',
  version: 1,
  title: 'Detection by example',
  summary: 'Boxes of the objects that look like the one of an example picture.',
  doc: `One-shot detection: the model takes the object that fills the example best and looks for it in the picture. Boxes are in pixels
of the original picture, best first; those below \`threshold\` go.

Errors: ${MODEL_ERRORS}.`,
  paper: {
    title: 'Simple Open-Vocabulary Object Detection with Vision Transformers (OWL-ViT)',
    url: 'https://arxiv.org/abs/2205.06230',
  },
  params: { ...modelParams('image-guided-object-detection'), ...thresholdParam },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture to look in.' },
    example: { type: { kind: 'Image' }, doc: 'A picture of what to look for, filled by it.' },
  },
  outputs: { boxes: { type: { kind: 'Boxes' }, doc: 'Boxes in pixels of the picture, best first.' } },
  async run({ params, inputs: { image, example }, context: { services, signal } }) {
    const { perform } = await taskOf(services, params, 'image-guided-object-detection');
    const boxes = await perform({ image, query: example, ...thresholdOf(params) }, { signal });
    return { boxes: namedBoxes(boxes, image) };
  },
});
