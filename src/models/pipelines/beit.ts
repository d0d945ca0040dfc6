/** BEiT as a family with tasks. */
import { beit } from '../families/beit.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import type { FamilyDefinition } from './family.ts';
import { loadedImageClassifier, loadedImageEmbedder } from './image-classifier.ts';
import { onnxPictures } from './onnx-pictures.ts';

export const beitFamily: FamilyDefinition = {
  name: 'beit',
  title: 'BEiT',
  paper: { title: 'BEiT: BERT Pre-Training of Image Transformers (2021)', url: 'https://arxiv.org/abs/2106.08254' },
  modelTypes: ['beit'],
  architectures: { BeitForImageClassification: ['image-classification'], BeitModel: ['image-feature-extraction'] },
  checkpoints: ['microsoft/beit-base-patch16-224', 'microsoft/beit-large-patch16-224'],
  graph: 'beit-image-classification',
  async load(sources) {
    const { checkpoint, architecture, precision, signal } = sources;
    const stack = await beit(checkpoint, architecture);
    const tower = await PictureTower.build(stack, { precision, signal });
    return architecture === 'BeitForImageClassification'
      ? loadedImageClassifier(sources, tower)
      : loadedImageEmbedder(sources, tower, stack.spec.width);
  },
  onnx: onnxPictures({ BeitForImageClassification: ['image-classification'], BeitModel: ['image-feature-extraction'] }),
};
