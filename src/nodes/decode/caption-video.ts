/** decode/caption-video: a text about the frames of a video. Must not choose frames: they come in. */
import { WeftError } from '../../errors.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { WRITING_ERRORS, whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/caption-video',
  version: 1,
  title: 'Video caption',
  summary: 'Writes a caption of the frames of a video.',
  doc: `Takes the whole list of frames, in order, as one video, and writes one caption. Progress shows what is written so
far, word by word.

Errors: \`run/bad-input\` for no frame, ${WRITING_ERRORS}, ${MODEL_ERRORS}.`,
  paper: {
    title: 'GIT: A Generative Image-to-text Transformer for Vision and Language',
    url: 'https://arxiv.org/abs/2205.14100',
  },
  params: { ...modelParams('video-to-text'), ...writingParams },
  inputs: {
    frames: { type: { kind: 'Image' }, doc: 'The frames, in order.', whole: true },
    prompt: { type: { kind: 'Text' }, doc: 'How the caption begins.', optional: true },
  },
  outputs: { caption: { type: { kind: 'Caption' }, doc: 'What was written.' } },
  async run({ params, inputs: { frames, prompt }, context }) {
    if (frames.length === 0) {
      throw new WeftError('run/bad-input', { expected: 'at least one frame', socket: 'frames', received: 'none' });
    }
    const { perform } = await taskOf(context.services, params, 'video-to-text');
    const begun = prompt === undefined ? {} : { prompt: prompt.text };
    return {
      caption: await perform({ frames, ...begun, ...writingOf(params) }, whileWriting(context, params.maxTokens)),
    };
  },
});
