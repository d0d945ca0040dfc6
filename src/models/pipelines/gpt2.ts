/** GPT-2 as a family with a task. */
import { gpt2, gpt2Positions } from '../families/gpt2.ts';
import { languageFamily } from './language-family.ts';

export const gpt2Family = languageFamily({
  name: 'gpt2',
  title: 'GPT-2',
  paper: {
    title: 'Language Models are Unsupervised Multitask Learners (2019)',
    url: 'https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf',
  },
  modelTypes: ['gpt2'],
  architecture: 'GPT2LMHeadModel',
  checkpoints: ['openai-community/gpt2', 'openai-community/gpt2-medium', 'distilbert/distilgpt2'],
  graph: 'gpt2-text-generation',
  stack: gpt2,
  positions: gpt2Positions,
});
