/** head/classify-video: which of the given labels fits a video best. Must not choose frames: they come in. */
import { WeftError } from '../../errors.ts';
import { askedTexts, namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'head/classify-video',
  version: 1,
  title: 'Video classification',
  summary: 'Probabilities of any labels for the frames of a video.',
  doc: `Takes the whole list of frames, in order, as one video. A model that reads a fixed number of frames takes as many of them, at
even distances. Scores are softmax over the labels, best first.

Errors: \`run/bad-input\` for no frame or no label, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Expanding Language-Image Pretrained Models for General Video Recognition (X-CLIP)',
    url: 'https://arxiv.org/abs/2208.02816',
  },
  params: modelParams('zero-shot-video-classification'),
  inputs: {
    frames: { type: { kind: 'Image' }, doc: 'The frames, in order.', whole: true },
    labels: { type: { kind: 'Text' }, doc: 'Labels, or sentences made from them.', whole: true },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each label, best first.' } },
  async run({ params, inputs: { frames, labels }, context: { services, signal } }) {
    if (frames.length === 0) {
      throw new WeftError('run/bad-input', { expected: 'at least one frame', socket: 'frames', received: 'none' });
    }
    const { prompts, labelOf } = askedTexts(labels, 'labels');
    const { perform } = await taskOf(services, params, 'zero-shot-video-classification');
    const scores = await perform({ frames, labels: prompts }, { signal });
    return { scores: namedScores(scores, { labelOf }) };
  },
});
