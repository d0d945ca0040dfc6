/** ViT and DeiT as families with tasks. */
import { distilledDeit } from '../families/deit-distilled.ts';
import { vit } from '../families/vit.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import { RowReader } from '../towers/row-reader.ts';
import type { FamilyDefinition, FamilySources, LoadedFamily } from './family.ts';
import { classTokens, loadedImageClassifier, loadedImageEmbedder } from './image-classifier.ts';
import { onnxPictures } from './onnx-pictures.ts';

export const vitFamily: FamilyDefinition = {
  name: 'vit',
  title: 'ViT',
  paper: { title: 'An Image is Worth 16x16 Words (2020)', url: 'https://arxiv.org/abs/2010.11929' },
  modelTypes: ['vit'],
  architectures: {
    ViTForImageClassification: ['image-classification', 'image-feature-extraction'],
    ViTModel: ['image-feature-extraction'],
  },
  checkpoints: ['google/vit-base-patch16-224', 'google/vit-base-patch16-224-in21k', 'google/vit-large-patch16-224'],
  graph: 'vit-image-classification',
  load: (sources) => loadVit(sources, 'vit'),
  onnx: onnxPictures({
    ViTForImageClassification: ['image-classification'],
    ViTModel: ['image-feature-extraction'],
  }),
};

export const deitFamily: FamilyDefinition = {
  name: 'deit',
  title: 'DeiT',
  paper: {
    title: 'Training data-efficient image transformers & distillation through attention (2020)',
    url: 'https://arxiv.org/abs/2012.12877',
  },
  modelTypes: ['deit'],
  architectures: {
    DeiTForImageClassification: ['image-classification', 'image-feature-extraction'],
    DeiTForImageClassificationWithTeacher: ['image-classification'],
    DeiTModel: ['image-feature-extraction'],
  },
  checkpoints: ['facebook/deit-base-patch16-224', 'facebook/deit-base-distilled-patch16-224'],
  graph: 'deit-image-classification',
  load: (sources) => loadVit(sources, 'deit'),
  onnx: onnxPictures({
    DeiTForImageClassification: ['image-classification'],
    DeiTForImageClassificationWithTeacher: ['image-classification'],
    DeiTModel: ['image-feature-extraction'],
  }),
};

async function loadVit(sources: FamilySources, kind: 'vit' | 'deit'): Promise<LoadedFamily> {
  const { checkpoint, architecture, precision, signal } = sources;
  if (architecture === 'DeiTForImageClassificationWithTeacher') {
    const spec = distilledDeit(checkpoint, architecture);
    return loadedImageClassifier(sources, await RowReader.build(spec, { precision, signal }));
  }
  const stack = vit(checkpoint, kind, architecture);
  const { head, width } = stack.spec;
  // A bare model without pooler is read at its class token.
  const spec = head === undefined ? { ...stack.spec, head: { rows: 'first' as const } } : stack.spec;
  const tower = await PictureTower.build({ ...stack, spec }, { precision, signal });
  if (architecture.endsWith('ForImageClassification')) {
    return loadedImageClassifier(sources, tower, classTokens(tower, width));
  }
  const outputs = checkpoint.config.count('pooler_output_size', width);
  return loadedImageEmbedder(sources, tower, head === undefined ? width : outputs);
}
