/** CLIP as a family with tasks. */
import { clip } from '../families/clip.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, PHOTO_TEMPLATE } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';

export const clipFamily: FamilyDefinition = {
  name: 'clip',
  title: 'CLIP',
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (2021)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  modelTypes: ['clip'],
  architectures: { CLIPModel: DUAL_ENCODER_TASKS },
  checkpoints: ['openai/clip-vit-base-patch32', 'openai/clip-vit-base-patch16', 'openai/clip-vit-large-patch14'],
  graph: 'clip-zero-shot',
  // Padding comes last, where the tokens of a causal tower do not see it.
  load: async (sources) =>
    loadDualEncoder(sources, await clip(sources.checkpoint), {
      fill: 'longest',
      masked: false,
      template: PHOTO_TEMPLATE,
    }),
};
