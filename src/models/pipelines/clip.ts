/** CLIP as a family with tasks. */
import { clip, clipTextPositions, towerConfig } from '../families/clip.ts';
import { readLogitScale } from '../logit-scale.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, PHOTO_TEMPLATE, type TextForm } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';
import { EMBEDS, loadOnnxDualEncoder } from './onnx-dual-encoder.ts';

/** Padding comes last, where the tokens of a causal tower do not see it. */
const FORM: TextForm = { fill: 'longest', masked: false, template: PHOTO_TEMPLATE };

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
  load: async (sources) => loadDualEncoder(sources, await clip(sources.checkpoint), FORM),
  onnx: {
    architectures: { CLIPModel: DUAL_ENCODER_TASKS },
    load: (sources) =>
      loadOnnxDualEncoder(sources, {
        ...{ form: FORM, judgement: 'softmax', outputs: EMBEDS },
        positions: clipTextPositions(towerConfig(sources.checkpoint.config, 'text')),
        similarity: async () => ({ scale: await readLogitScale(sources.checkpoint) }),
      }),
  },
};
