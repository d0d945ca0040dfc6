/** decode/continue: how a language model goes on with a text. Must not know families. */
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { WRITING_ERRORS, whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/continue',
  version: 1,
  title: 'Continue a text',
  summary: 'Goes on with a text, token by token.',
  doc: `Writes until the model's end token, a stop string or \`maxTokens\`; \`strategy\` says how tokens are chosen. Progress shows what is
written so far, word by word: of beams the leading one, which may still be rewritten.

Errors: ${WRITING_ERRORS}, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Language Models are Unsupervised Multitask Learners (GPT-2)',
    url: 'https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf',
  },
  params: { ...modelParams('text-generation'), ...writingParams },
  inputs: { prompt: { type: { kind: 'Text' }, doc: 'The text to go on with.' } },
  outputs: { caption: { type: { kind: 'Caption' }, doc: 'What was written after the prompt.' } },
  async run({ params, inputs: { prompt }, context }) {
    const { perform } = await taskOf(context.services, params, 'text-generation');
    const asked = { prompt: prompt.text, ...writingOf(params) };
    return { caption: await perform(asked, whileWriting(context, params.maxTokens)) };
  },
});
