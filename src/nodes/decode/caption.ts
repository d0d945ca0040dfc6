/** decode/caption: a text about a picture, or the text that it shows. Must not know families. */
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/caption',
  version: 1,
  title: 'Caption',
  summary: 'Writes a caption of a picture, or reads the text that it shows.',
  doc: `Greedy decoding: at each step the likeliest token, until the model's end token or \`maxTokens\`. Progress shows what is written
so far, word by word. Readers of text (TrOCR) write the line that the picture shows. A prompt is the beginning of the caption, for
models that take one (BLIP, GIT).

Errors: ${MODEL_ERRORS}.`,
  paper: {
    title: 'BLIP: Bootstrapping Language-Image Pre-training for Unified Vision-Language Understanding and Generation',
    url: 'https://arxiv.org/abs/2201.12086',
  },
  params: { ...modelParams('image-to-text'), ...writingParams },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture.' },
    prompt: { type: { kind: 'Text' }, doc: 'How the caption begins.', optional: true },
  },
  outputs: { caption: { type: { kind: 'Caption' }, doc: 'What was written.' } },
  async run({ params, inputs: { image, prompt }, context }) {
    const { perform } = await taskOf(context.services, params, 'image-to-text');
    const begun = prompt === undefined ? {} : { prompt: prompt.text };
    return {
      caption: await perform({ image, ...begun, ...writingOf(params) }, whileWriting(context, params.maxTokens)),
    };
  },
});
