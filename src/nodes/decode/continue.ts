/** decode/continue: how a language model goes on with a text. Must not know families. */
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/continue',
  version: 1,
  title: 'Continue a text',
  summary: 'Goes on with a text, token by token.',
  doc: `Greedy decoding: at each step the likeliest token, until the model's end token or \`maxTokens\`. Progress shows what is written
so far, word by word.

Errors: ${MODEL_ERRORS}.`,
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
