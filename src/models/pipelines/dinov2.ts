/** DINOv2 as a family with tasks. */
import { dinov2 } from '../families/dinov2.ts';
import { dinov2Classifier } from '../families/dinov2-classifier.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import { RowReader } from '../towers/row-reader.ts';
import type { FamilyDefinition } from './family.ts';
import { loadedImageClassifier, loadedImageEmbedder } from './image-classifier.ts';
import { onnxPictures } from './onnx-pictures.ts';

export const dinov2Family: FamilyDefinition = {
  name: 'dinov2',
  title: 'DINOv2',
  paper: {
    title: 'DINOv2: Learning Robust Visual Features without Supervision (2023)',
    url: 'https://arxiv.org/abs/2304.07193',
  },
  modelTypes: ['dinov2'],
  architectures: {
    Dinov2Model: ['image-feature-extraction'],
    Dinov2ForImageClassification: ['image-classification'],
  },
  checkpoints: [
    'facebook/dinov2-small',
    'facebook/dinov2-base',
    'facebook/dinov2-giant',
    'facebook/dinov2-base-imagenet1k-1-layer',
  ],
  graph: 'dinov2-features',
  async load(sources) {
    const { checkpoint, architecture, precision, signal } = sources;
    if (architecture === 'Dinov2ForImageClassification') {
      const spec = dinov2Classifier(checkpoint, architecture);
      return loadedImageClassifier(sources, await RowReader.build(spec, { precision, signal }));
    }
    const stack = dinov2(checkpoint, architecture);
    const tower = await PictureTower.build(stack, { precision, signal });
    return loadedImageEmbedder(sources, tower, stack.spec.width);
  },
  onnx: onnxPictures(
    { Dinov2Model: ['image-feature-extraction'], Dinov2ForImageClassification: ['image-classification'] },
    { firstRow: true },
  ),
};
