/** ALIGN as a family with tasks. */
import { align } from '../families/align.ts';
import { EfficientNet } from '../towers/efficient-net.ts';
import { TextTower } from '../towers/text-tower.ts';
import { DUAL_ENCODER_TASKS, expectProcessing, loadedDualEncoder, MASKED_TEXTS } from './dual-encoder.ts';
import type { FamilyDefinition } from './family.ts';

export const alignFamily: FamilyDefinition = {
  name: 'align',
  title: 'ALIGN',
  paper: {
    title: 'Scaling Up Visual and Vision-Language Representation Learning With Noisy Text Supervision (2021)',
    url: 'https://arxiv.org/abs/2102.05918',
  },
  modelTypes: ['align'],
  architectures: { AlignModel: DUAL_ENCODER_TASKS },
  checkpoints: ['kakaobrain/align-base'],
  graph: 'align-zero-shot',
  async load(sources) {
    const { precision, signal } = sources;
    const { vision, text, ...parts } = await align(sources.checkpoint);
    await expectProcessing(sources);
    const pictures = await EfficientNet.build(vision, { precision, signal });
    const texts = await TextTower.build(text, { precision, signal });
    return loadedDualEncoder(sources, { pictures, texts, form: MASKED_TEXTS, ...parts });
  },
};
