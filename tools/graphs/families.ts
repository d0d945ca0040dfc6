/** The saved graphs of families, as a table: `npm run docs` writes them to graphs/. */
import type { HeadGraph } from './head-graph.ts';

const SCENE = { picture: 'examples/scene-1.png' };
const LABELS = { texts: ['a red ring', 'a red circle', 'a blue ring', 'a green triangle', 'an orange star'] };

/** All dual encoders answer the same question in the same way. */
function openClassification(file: string, title: string, model: string, more: string): HeadGraph {
  return {
    file,
    name: `Open classification with ${title}`,
    description: `Which of any labels fits a picture best, by ${title}: ${more} Give a folder as the image to classify many pictures.`,
    head: 'head/classify-open',
    model,
    sources: { image: SCENE, labels: LABELS },
  };
}

/** Classifiers tell which of their own classes they see. */
function imageClassification(file: string, title: string, model: string, more: string): HeadGraph {
  return {
    file,
    name: `Picture classification with ${title}`,
    description: `Which of the classes that ${title} was trained on a picture shows: ${more} Give a folder as the image to classify many pictures.`,
    head: 'head/classify-image',
    model,
    sources: { image: SCENE },
  };
}

export const FAMILY_GRAPHS: readonly HeadGraph[] = [
  openClassification(
    'align-zero-shot',
    'ALIGN',
    'kakaobrain/align-base',
    'an EfficientNet beside a BERT, trained on noisy captions of the web.',
  ),
  openClassification(
    'chinese-clip-zero-shot',
    'Chinese CLIP',
    'OFA-Sys/chinese-clip-vit-base-patch16',
    'CLIP trained on Chinese captions, with a BERT as its tower of texts. Write the labels in Chinese.',
  ),
  imageClassification(
    'deit-image-classification',
    'DeiT',
    'facebook/deit-base-patch16-224',
    'the 1,000 of ImageNet, learned from a teacher network with a token of its own.',
  ),
  {
    file: 'dinov2-features',
    name: 'Features of a picture with DINOv2',
    description:
      'What a picture looks like, as one embedding: DINOv2 learned without any labels, and near embeddings mean pictures that look alike.',
    head: 'encode/image',
    model: 'facebook/dinov2-base',
    sources: { image: SCENE },
  },
  openClassification(
    'siglip-zero-shot',
    'SigLIP',
    'google/siglip-base-patch16-224',
    'each label is judged on its own, so several may fit, or none.',
  ),
  imageClassification(
    'vit-image-classification',
    'ViT',
    'google/vit-base-patch16-224',
    'the 1,000 of ImageNet, seen as a sequence of patches.',
  ),
  openClassification(
    'vision-text-dual-encoder-zero-shot',
    'a dual encoder',
    'clip-italian/clip-italian',
    'any tower of pictures beside any tower of texts, as LiT pairs them.',
  ),
];
