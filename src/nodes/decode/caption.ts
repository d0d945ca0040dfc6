/** decode/caption: a text about a picture, or the text that it shows. Must not know families. */
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { WRITING_ERRORS, whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/caption',
  version: 1,
  title: 'Caption',
  summary: 'Writes a caption of a picture, or reads the text that it shows.',
  doc: `Writes until the model's end token, a stop string or \`maxTokens\`; \`strategy\` says how tokens are chosen. Progress shows what is
written so far, word by word: of beams the leading one, which may still be rewritten. Readers of text (TrOCR) write the line that the picture shows. A prompt is the beginning of the caption, for
models that take one (BLIP, GIT).

Errors: ${WRITING_ERRORS}, ${MODEL_ERRORS}.`,
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
