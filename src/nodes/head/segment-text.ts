/** head/segment-text: where a picture shows what given labels say. Must not know families. */
import { askedTexts } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { thresholdOf, thresholdParam } from '../found-objects.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/segment-text',
  version: 1,
  title: 'Segmentation by text',
  summary: 'A mask for each of any labels.',
  doc: `Open-vocabulary segmentation: a mask for each label, uint8 [height, width] of the original picture, 1 where the label is
found with at least \`threshold\`. GroupViT gives every group of patches its best label; groups below the threshold are background.

Errors: \`run/bad-input\` for no label, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Image Segmentation Using Text and Image Prompts (CLIPSeg)',
    url: 'https://arxiv.org/abs/2112.10003',
  },
  params: { ...modelParams('zero-shot-image-segmentation'), ...thresholdParam },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture.' },
    labels: { type: { kind: 'Text' }, doc: 'What to look for, or sentences made from it.', whole: true },
  },
  outputs: { masks: { type: { kind: 'Masks' }, doc: 'A mask for each label, at the size of the picture.' } },
  async run({ params, inputs: { image, labels }, context: { services, signal } }) {
    const { prompts, labelOf } = askedTexts(labels, 'labels');
    const { perform } = await taskOf(services, params, 'zero-shot-image-segmentation');
    const found = await perform({ image, labels: prompts, ...thresholdOf(params) }, { signal });
    return { masks: { ...found, masks: found.masks.map((mask) => ({ ...mask, label: labelOf(mask.label) })) } };
  },
});
