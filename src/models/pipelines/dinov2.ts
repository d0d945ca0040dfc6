/** DINOv2 as a family with tasks. */
import { dinov2 } from '../families/dinov2.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import type { FamilyDefinition } from './family.ts';
import { loadedImageEmbedder } from './image-classifier.ts';

export const dinov2Family: FamilyDefinition = {
  name: 'dinov2',
  title: 'DINOv2',
  paper: {
    title: 'DINOv2: Learning Robust Visual Features without Supervision (2023)',
    url: 'https://arxiv.org/abs/2304.07193',
  },
  modelTypes: ['dinov2'],
  architectures: { Dinov2Model: ['image-feature-extraction'] },
  checkpoints: ['facebook/dinov2-small', 'facebook/dinov2-base', 'facebook/dinov2-large'],
  graph: 'dinov2-features',
  async load(sources) {
    const { checkpoint, architecture, precision, signal } = sources;
    const stack = dinov2(checkpoint, architecture);
    const tower = await PictureTower.build(stack, { precision, signal });
    return loadedImageEmbedder(sources, tower, stack.spec.width);
  },
};
