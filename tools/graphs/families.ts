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
  openClassification(
    'vision-text-dual-encoder-zero-shot',
    'a dual encoder',
    'clip-italian/clip-italian',
    'any tower of pictures beside any tower of texts, as LiT pairs them.',
  ),
];
