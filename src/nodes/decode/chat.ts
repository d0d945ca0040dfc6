/** decode/chat: what a language model says to a prompt and its pictures. Must not know families. */
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { WRITING_ERRORS, whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/chat',
  version: 1,
  title: 'Chat about pictures',
  summary: 'Continues a prompt that speaks about pictures.',
  doc: `\`<image>\` in the prompt stands for the next picture of the list; where the prompt has none, the pictures come first. Write the
prompt in the form that the model was tuned on (\`USER: <image>\\nWhat is this? ASSISTANT:\` of LLaVA). \`strategy\` says how tokens
are chosen; progress shows what is written so far, word by word.

Errors: ${WRITING_ERRORS}, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Flamingo: a Visual Language Model for Few-Shot Learning',
    url: 'https://arxiv.org/abs/2204.14198',
  },
  params: { ...modelParams('image-text-to-text'), ...writingParams },
  inputs: {
    images: { type: { kind: 'Image' }, doc: 'The pictures, in the order of the prompt.', whole: true },
    prompt: { type: { kind: 'Text' }, doc: 'What to continue.' },
  },
  outputs: { caption: { type: { kind: 'Caption' }, doc: 'What was written after the prompt.' } },
  async run({ params, inputs: { images, prompt }, context }) {
    const { perform } = await taskOf(context.services, params, 'image-text-to-text');
    const asked = { images, prompt: prompt.text, ...writingOf(params) };
    return { caption: await perform(asked, whileWriting(context, params.maxTokens)) };
  },
});
