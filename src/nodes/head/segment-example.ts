/** head/segment-example: where a picture looks like an example. Must not know families. */
import { defineNode } from '../define.ts';
import { thresholdOf, thresholdParam } from '../found-objects.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/segment-example',
  version: 1,
  title: 'Segmentation by example',
  summary: 'A mask of what looks like an example picture.',
  doc: `The example takes the place of a label: its embedding tells the decoder what to look for. The mask is uint8 [height, width] of
the original picture, 1 where it is found with at least \`threshold\`.

Errors: ${MODEL_ERRORS}.`,
  paper: {
    title: 'Image Segmentation Using Text and Image Prompts (CLIPSeg)',
    url: 'https://arxiv.org/abs/2112.10003',
  },
  params: { ...modelParams('image-guided-segmentation'), ...thresholdParam },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture to look in.' },
    example: { type: { kind: 'Image' }, doc: 'A picture of what to look for, the rest of it dark or blurred.' },
  },
  outputs: { masks: { type: { kind: 'Masks' }, doc: 'One mask, at the size of the picture.' } },
  async run({ params, inputs: { image, example }, context: { services, signal } }) {
    const { perform } = await taskOf(services, params, 'image-guided-segmentation');
    return { masks: await perform({ image, query: example, ...thresholdOf(params) }, { signal }) };
  },
});
