/** head/answer: the answer to a question about a picture. Must not know families. */
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { sightInputs, sightOf } from '../sight.ts';
import { WRITING_ERRORS, whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'head/answer',
  version: 1,
  title: 'Visual question answering',
  summary: 'Answers a question about a picture.',
  doc: `Models with a list of answers (ViLT, VisualBERT, LXMERT) choose the best of it and give the next ones as alternatives, with
their scores, and refuse parameters of writing; models that write (BLIP, GIT) write it word by word, and progress shows what is written so far.

Errors: \`run/bad-input\` for neither picture nor regions, ${WRITING_ERRORS}, ${MODEL_ERRORS}.`,
  paper: { title: 'VQA: Visual Question Answering', url: 'https://arxiv.org/abs/1505.00468' },
  params: { ...modelParams('visual-question-answering'), ...writingParams },
  inputs: {
    ...sightInputs,
    question: { type: { kind: 'Text' }, doc: 'The question, in the language of the model.' },
  },
  outputs: { answer: { type: { kind: 'Answer' }, doc: 'The answer, with alternatives where the model has some.' } },
  async run({ params, inputs: { question, ...seen }, context }) {
    const sight = sightOf(seen);
    const { perform } = await taskOf(context.services, params, 'visual-question-answering');
    const asked = { ...sight, question: question.text, ...writingOf(params) };
    return { answer: await perform(asked, whileWriting(context, params.maxTokens)) };
  },
});
