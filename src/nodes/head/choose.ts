/** head/choose: which of some answers fits a question about a picture. Must not know families. */
import { askedTexts, namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { sightInputs, sightOf } from '../sight.ts';

export default defineNode({
  type: 'head/choose',
  version: 1,
  title: 'Multiple choice',
  summary: 'Chooses among given answers to a question about a picture.',
  doc: `The question is read with each of the choices and the picture (visual commonsense reasoning, VCR). Scores are softmax over the
choices, best first. Models that write (BLIP, BLIP-2, GIT) score each choice by how likely they would write it: a closed list of
answers as BLIP ranks them.

Errors: \`run/bad-input\` for no choice, or neither picture nor regions, ${MODEL_ERRORS}.`,
  paper: {
    title: 'From Recognition to Cognition: Visual Commonsense Reasoning (VCR)',
    url: 'https://arxiv.org/abs/1811.10830',
  },
  params: modelParams('multiple-choice'),
  inputs: {
    ...sightInputs,
    question: { type: { kind: 'Text' }, doc: 'The question.' },
    choices: { type: { kind: 'Text' }, doc: 'The answers to choose from.', whole: true },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each choice, best first.' } },
  async run({ params, inputs: { question, choices, ...seen }, context: { services, signal } }) {
    const { prompts, labelOf } = askedTexts(choices, 'choices');
    const sight = sightOf(seen);
    const { perform } = await taskOf(services, params, 'multiple-choice');
    const scores = await perform({ ...sight, question: question.text, choices: prompts }, { signal });
    return { scores: namedScores(scores, { subject: question.label ?? question.text, labelOf }) };
  },
});
