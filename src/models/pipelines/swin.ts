/** Swin as a family with tasks. */
import { swin } from '../families/swin.ts';
import { SwinTower } from '../families/swin-tower.ts';
import type { FamilyDefinition } from './family.ts';
import { loadedImageClassifier, loadedImageEmbedder } from './image-classifier.ts';
import { onnxPictures } from './onnx-pictures.ts';

export const swinFamily: FamilyDefinition = {
  name: 'swin',
  title: 'Swin',
  paper: {
    title: 'Swin Transformer: Hierarchical Vision Transformer using Shifted Windows (2021)',
    url: 'https://arxiv.org/abs/2103.14030',
  },
  modelTypes: ['swin'],
  architectures: { SwinForImageClassification: ['image-classification'], SwinModel: ['image-feature-extraction'] },
  checkpoints: ['microsoft/swin-tiny-patch4-window7-224', 'microsoft/swin-base-patch4-window7-224'],
  graph: 'swin-image-classification',
  async load(sources) {
    const { checkpoint, architecture, precision, signal } = sources;
    const spec = await swin(checkpoint, architecture);
    const tower = await SwinTower.build(spec, { precision, signal });
    return architecture === 'SwinForImageClassification'
      ? loadedImageClassifier(sources, tower)
      : loadedImageEmbedder(sources, tower, spec.top.width);
  },
  onnx: onnxPictures({ SwinForImageClassification: ['image-classification'], SwinModel: ['image-feature-extraction'] }),
};
