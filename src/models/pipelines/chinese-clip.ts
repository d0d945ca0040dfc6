/** Chinese-CLIP as a family with tasks. */
import { chineseClip } from '../families/chinese-clip.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, MASKED_TEXTS } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';

/** "A photo of …", as the authors' own prompts say it. */
const TEMPLATE = '{}的照片';

export const chineseClipFamily: FamilyDefinition = {
  name: 'chinese-clip',
  title: 'Chinese-CLIP',
  paper: {
    title: 'Chinese CLIP: Contrastive Vision-Language Pretraining in Chinese (2022)',
    url: 'https://arxiv.org/abs/2211.01335',
  },
  modelTypes: ['chinese_clip'],
  architectures: { ChineseCLIPModel: DUAL_ENCODER_TASKS },
  checkpoints: ['OFA-Sys/chinese-clip-vit-base-patch16', 'OFA-Sys/chinese-clip-vit-large-patch14'],
  graph: 'chinese-clip-zero-shot',
  load: async (sources) =>
    loadDualEncoder(sources, await chineseClip(sources.checkpoint), { ...MASKED_TEXTS, template: TEMPLATE }),
};
