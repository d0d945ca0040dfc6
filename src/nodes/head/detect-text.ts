/** head/detect-text: objects that fit given labels, with their boxes. Must not know families. */
import { askedTexts } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { namedBoxes, thresholdOf, thresholdParam } from '../found-objects.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/detect-text',
  version: 1,
  title: 'Detection by text',
  summary: 'Boxes of the objects that fit any labels.',
  doc: `Open-vocabulary detection: every patch of the picture proposes a box and is compared with each label. Boxes are in pixels of
the original picture, best first, each with its best label; those below \`threshold\` go.

Errors: \`run/bad-input\` for no label, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Simple Open-Vocabulary Object Detection with Vision Transformers (OWL-ViT)',
    url: 'https://arxiv.org/abs/2205.06230',
  },
  params: { ...modelParams('zero-shot-object-detection'), ...thresholdParam },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture.' },
    labels: { type: { kind: 'Text' }, doc: 'What to look for, or sentences made from it.', whole: true },
  },
  outputs: { boxes: { type: { kind: 'Boxes' }, doc: 'Boxes in pixels of the picture, best first.' } },
  async run({ params, inputs: { image, labels }, context: { services, signal } }) {
    const { prompts, labelOf } = askedTexts(labels, 'labels');
    const { perform } = await taskOf(services, params, 'zero-shot-object-detection');
    const boxes = await perform({ image, labels: prompts, ...thresholdOf(params) }, { signal });
    return { boxes: namedBoxes(boxes, image, labelOf) };
  },
});
