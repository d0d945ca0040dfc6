/** VisionTextDualEncoder, the form of LiT's models, as a family with tasks. */
import { visionTextDualEncoder } from '../families/vision-text-dual-encoder.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, MASKED_TEXTS } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';

export const visionTextDualEncoderFamily: FamilyDefinition = {
  name: 'vision-text-dual-encoder',
  title: 'VisionTextDualEncoder (LiT)',
  paper: {
    title: 'LiT: Zero-Shot Transfer with Locked-image Text Tuning (2021)',
    url: 'https://arxiv.org/abs/2111.07991',
  },
  modelTypes: ['vision-text-dual-encoder'],
  architectures: { VisionTextDualEncoderModel: DUAL_ENCODER_TASKS },
  checkpoints: ['clip-italian/clip-italian'],
  graph: 'vision-text-dual-encoder-zero-shot',
  load: async (sources) => loadDualEncoder(sources, await visionTextDualEncoder(sources.checkpoint), MASKED_TEXTS),
};
