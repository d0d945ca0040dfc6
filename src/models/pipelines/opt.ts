/** OPT as a family with a task. */
import { opt, optPositions } from '../families/opt.ts';
import { languageFamily } from './language-family.ts';

export const optFamily = languageFamily({
  name: 'opt',
  title: 'OPT',
  paper: {
    title: 'OPT: Open Pre-trained Transformer Language Models (2022)',
    url: 'https://arxiv.org/abs/2205.01068',
  },
  modelTypes: ['opt'],
  architecture: 'OPTForCausalLM',
  checkpoints: ['facebook/opt-125m', 'facebook/opt-350m', 'facebook/opt-1.3b'],
  graph: 'opt-text-generation',
  stack: opt,
  positions: optPositions,
});
