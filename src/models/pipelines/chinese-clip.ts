/** Chinese-CLIP as a family with tasks. */
import { bertPositions } from '../families/bert.ts';
import { chineseClip } from '../families/chinese-clip.ts';
import { towerConfig } from '../families/clip.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, MASKED_TEXTS, type TextForm } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';
import { EMBEDS, loadOnnxDualEncoder } from './onnx-dual-encoder.ts';

/** "A photo of …", as the authors' own prompts say it. */
const FORM: TextForm = { ...MASKED_TEXTS, template: '{}的照片' };

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
  load: async (sources) => loadDualEncoder(sources, await chineseClip(sources.checkpoint), FORM),
  onnx: {
    architectures: { ChineseCLIPModel: DUAL_ENCODER_TASKS },
    load: (sources) => {
      const positions = bertPositions(towerConfig(sources.checkpoint.config, 'text'), 'bert');
      return loadOnnxDualEncoder(sources, { form: FORM, judgement: 'softmax', outputs: EMBEDS, positions });
    },
  },
};
