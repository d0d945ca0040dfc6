/** Llama as a family with a task. */
import { llama, llamaPositions } from '../families/llama.ts';
import { languageFamily } from './language-family.ts';

export const llamaFamily = languageFamily({
  name: 'llama',
  title: 'Llama',
  paper: { title: 'The Llama 3 Herd of Models (2024)', url: 'https://arxiv.org/abs/2407.21783' },
  modelTypes: ['llama'],
  architecture: 'LlamaForCausalLM',
  checkpoints: ['meta-llama/Llama-2-7b-hf', 'meta-llama/Llama-3.2-1B', 'TinyLlama/TinyLlama-1.1B-Chat-v1.0'],
  graph: 'llama-text-generation',
  stack: llama,
  positions: llamaPositions,
});
