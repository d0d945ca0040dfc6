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

function detection(file: string, title: string, model: string): HeadGraph {
  return {
    file,
    name: `Detection by text with ${title}`,
    description: `Where a picture shows what any labels say, by ${title}, which was never told which objects there are. Boxes are drawn on the picture; a lower threshold finds more.`,
    head: 'head/detect-text',
    model,
    params: { threshold: 0.1 },
    sources: { image: SCENE, labels: { texts: ['a ring', 'a circle', 'a star'] } },
  };
}

function fillMask(file: string, title: string, model: string, mask: string): HeadGraph {
  return {
    file,
    name: `Fill a mask with ${title}`,
    description: `Which words may stand at ${mask} in a sentence: ${title} reads what is before and behind it. Give several sentences to fill many.`,
    head: 'head/fill-mask',
    model,
    sources: { text: { texts: [`a picture of a ${mask} ring`] } },
  };
}

function segmentation(file: string, title: string, model: string, more: string): HeadGraph {
  return {
    file,
    name: `Segmentation by text with ${title}`,
    description: `Which pixels of a picture show what any labels say, a mask for each label: ${more} Masks are drawn on the picture; a lower threshold finds more.`,
    head: 'head/segment-text',
    model,
    params: { threshold: 0.5 },
    sources: { image: SCENE, labels: { texts: ['a ring', 'a circle', 'a star'] } },
  };
}

function caption(file: string, title: string, model: string, more: string): HeadGraph {
  return {
    file,
    name: `Caption with ${title}`,
    description: `A sentence about a picture, written word by word by ${title}: ${more} Give a folder as the image to caption many pictures.`,
    head: 'decode/caption',
    model,
    params: { maxTokens: 20 },
    sources: { image: SCENE },
  };
}

function continuation(file: string, title: string, model: string, more: string): HeadGraph {
  return {
    file,
    name: `Continue a text with ${title}`,
    description: `How a text may go on, token by token, always the likeliest: ${title}, ${more} Give several prompts to continue many.`,
    head: 'decode/continue',
    model,
    params: { maxTokens: 30 },
    sources: { prompt: { texts: ['once upon a time there was a red ring'] } },
  };
}

function chat(file: string, title: string, model: string, prompt: string, more: string): HeadGraph {
  return {
    file,
    name: `Chat about a picture with ${title}`,
    description: `What ${title} says to a prompt in which <image> stands for the picture, written word by word: ${more} Keep the form of the prompt that the model was tuned on.`,
    head: 'decode/chat',
    model,
    params: { maxTokens: 60 },
    sources: { images: SCENE, prompt: { texts: [prompt] } },
  };
}

export const FAMILY_GRAPHS: readonly HeadGraph[] = [
  chat(
    'idefics-image-text-to-text',
    'Idefics',
    'HuggingFaceM4/idefics-9b',
    'User: <image>what is in this picture? Assistant:',
    'Flamingo made again, a language model whose layers look at the picture through gates.',
  ),
  chat(
    'llava-image-text-to-text',
    'LLaVA',
    'llava-hf/llava-1.5-7b-hf',
    'USER: <image>what is in this picture? ASSISTANT:',
    'what CLIP sees is projected into the words of a language model.',
  ),
  caption(
    'blip-image-to-text',
    'BLIP',
    'Salesforce/blip-image-captioning-base',
    'a decoder of text that looks at the patches of the picture at every layer.',
  ),
  {
    file: 'blip-vqa',
    name: 'Visual question answering with BLIP',
    description:
      'An answer to a question about a picture, written word by word: BLIP reads the question with the picture, and its decoder writes what follows.',
    head: 'head/answer',
    model: 'Salesforce/blip-vqa-base',
    sources: { image: SCENE, question: { texts: ['what colour is the ring ?'] } },
  },
  {
    file: 'blip-match',
    name: 'Picture and text matching with BLIP',
    description:
      'Which of some sentences describe a picture: BLIP reads each sentence together with the picture and judges every one on its own.',
    head: 'head/image-text-match',
    model: 'Salesforce/blip-itm-base-coco',
    sources: { image: SCENE, texts: LABELS },
  },
  caption(
    'blip2-image-to-text',
    'BLIP-2',
    'Salesforce/blip2-opt-2.7b',
    'a few learned queries carry what the vision tower sees to a frozen language model.',
  ),
  caption(
    'git-image-to-text',
    'GIT',
    'microsoft/git-base-coco',
    'picture and text stand in one sequence of one decoder.',
  ),
  {
    file: 'git-video-to-text',
    name: 'Video caption with GIT',
    description:
      'A sentence about the frames of a video, written word by word: GIT reads all frames, each with its place in time. The frames are the pictures of a folder, in the order of their names.',
    head: 'decode/caption-video',
    model: 'microsoft/git-base-vatex',
    params: { maxTokens: 20 },
    sources: { frames: { picture: 'examples/scene-[123456].png' } },
  },
  continuation('gpt2-text-generation', 'GPT-2', 'openai-community/gpt2', 'the decoder behind ClipCap and MaGiC.'),
  continuation(
    'llama-text-generation',
    'Llama',
    'TinyLlama/TinyLlama-1.1B-Chat-v1.0',
    'the decoder behind Idefics and LLaVA.',
  ),
  continuation('opt-text-generation', 'OPT', 'facebook/opt-125m', 'the decoder behind BLIP-2.'),
  segmentation(
    'clipseg-segmentation',
    'CLIPSeg',
    'CIDAS/clipseg-rd64-refined',
    'a small decoder reads what CLIP sees, bent by what CLIP reads.',
  ),
  {
    file: 'clipseg-segmentation-by-example',
    name: 'Segmentation by example with CLIPSeg',
    description:
      'Which pixels of a picture look like another picture: the example takes the place of a label. The mask is drawn on the picture; a lower threshold finds more.',
    head: 'head/segment-example',
    model: 'CIDAS/clipseg-rd64-refined',
    params: { threshold: 0.5 },
    sources: { image: SCENE, example: { picture: 'examples/scene-2.png' } },
  },
  segmentation(
    'groupvit-segmentation',
    'GroupViT',
    'nvidia/groupvit-gcc-yfcc',
    'it learned from captions alone which patches belong together.',
  ),
  {
    file: 'xclip-video',
    name: 'Video classification with X-CLIP',
    description:
      'Which of any labels fits a video best: X-CLIP lets the frames speak to each other. The frames are the pictures of a folder, in the order of their names.',
    head: 'head/classify-video',
    model: 'microsoft/xclip-base-patch32',
    sources: { frames: { picture: 'examples/' }, labels: LABELS },
  },
  openClassification(
    'flava-zero-shot',
    'FLAVA',
    'facebook/flava-full',
    'one model of pictures, of texts and of both together, here with its two towers.',
  ),
  imageClassification(
    'beit-image-classification',
    'BEiT',
    'microsoft/beit-base-patch16-224',
    'the 1,000 of ImageNet, after it had learned to guess hidden patches.',
  ),
  fillMask('bert-fill-mask', 'BERT', 'google-bert/bert-base-uncased', '[MASK]'),
  fillMask('roberta-fill-mask', 'RoBERTa', 'FacebookAI/roberta-base', '<mask>'),
  {
    file: 'distilbert-text-classification',
    name: 'Text classification with DistilBERT',
    description:
      'Whether a sentence speaks well or ill of something: DistilBERT, tuned on reviews of films (SST-2). Give several texts to classify many.',
    head: 'head/classify-text',
    model: 'distilbert/distilbert-base-uncased-finetuned-sst-2-english',
    sources: { text: { texts: ['a green star and a blue ring'] } },
  },
  imageClassification(
    'swin-image-classification',
    'Swin',
    'microsoft/swin-tiny-patch4-window7-224',
    'the 1,000 of ImageNet, seen through windows that are shifted from layer to layer.',
  ),
  {
    file: 'trocr-image-to-text',
    name: 'Reading handwriting with TrOCR',
    description:
      'The text of one written line: TrOCR looks at the picture of the line and writes it down, token by token. Give a picture that shows a single line of text.',
    head: 'decode/caption',
    model: 'microsoft/trocr-base-handwritten',
    params: { maxTokens: 30 },
    sources: { image: SCENE },
  },
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
  detection('owlv2-detection', 'OWLv2', 'google/owlv2-base-patch16'),
  detection('owlvit-detection', 'OWL-ViT', 'google/owlvit-base-patch32'),
  {
    file: 'owlvit-detection-by-example',
    name: 'Detection by example with OWL-ViT',
    description:
      'Where a picture shows what another one shows: OWL-ViT takes the object that fills the example and looks for it. Boxes are drawn on the picture; scores are in relation to the best match.',
    head: 'head/detect-example',
    model: 'google/owlvit-base-patch32',
    params: { threshold: 0.6 },
    sources: { image: SCENE, example: { picture: 'examples/scene-2.png' } },
  },
  {
    file: 'bridgetower-match',
    name: 'Picture and text matching with BridgeTower',
    description:
      'Which of some sentences describe a picture: BridgeTower reads each sentence together with the picture, layer by layer, and judges every one on its own.',
    head: 'head/image-text-match',
    model: 'BridgeTower/bridgetower-base-itm-mlm',
    sources: { image: SCENE, texts: LABELS },
  },
  {
    file: 'vilt-vqa',
    name: 'Visual question answering with ViLT',
    description:
      'An answer to a question about a picture: ViLT reads patches and words in one transformer and chooses among 3,129 answers. The next best ones are given as well.',
    head: 'head/answer',
    model: 'dandelin/vilt-b32-finetuned-vqa',
    sources: { image: SCENE, question: { texts: ['what colour is the ring ?'] } },
  },
  {
    file: 'vilt-fill-mask',
    name: 'A word about a picture with ViLT',
    description:
      'Which words may stand at [MASK] in a sentence about a picture: ViLT looks at both together, as it did when it was trained.',
    head: 'head/fill-mask',
    model: 'dandelin/vilt-b32-mlm',
    sources: { image: SCENE, text: { texts: ['a picture of a [MASK] ring'] } },
  },
  {
    file: 'vilt-reason',
    name: 'Visual reasoning with ViLT',
    description:
      'Whether a sentence is true of two pictures: ViLT reads it with each of them and judges the pair (NLVR2). Give other pictures as left and right.',
    head: 'head/reason',
    model: 'dandelin/vilt-b32-finetuned-nlvr2',
    sources: {
      left: SCENE,
      right: { picture: 'examples/scene-2.png' },
      statement: { texts: ['both pictures show a ring'] },
    },
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
  {
    file: 'visual-bert-vqa',
    name: 'Visual question answering with VisualBERT',
    description:
      'An answer to a question about the regions that a detector saw in a picture: VisualBERT reads their features as if they were words. Give your own features: .npy of 2,048 numbers for each region, or a .tsv of bottom-up attention.',
    head: 'head/answer',
    model: 'uclanlp/visualbert-vqa',
    sources: { features: { regions: 'regions.tsv' }, question: { texts: ['what colour is the ring ?'] } },
  },
  {
    file: 'visual-bert-ground',
    name: 'Phrase grounding with VisualBERT',
    description:
      'Which of the regions that a detector saw in a picture each phrase of a sentence means: VisualBERT reads words and regions together (Flickr30k Entities). No checkpoint of this class is published in safetensors: docs/models.md tells how to make the folder. Give your own features: .npy of as many numbers for each region as it was trained on, or a .tsv of bottom-up attention.',
    head: 'head/ground-phrases',
    model: './visualbert-flickr30k',
    sources: {
      features: { regions: 'regions.tsv' },
      text: { texts: ['a red ring beside a blue circle'] },
      phrases: { texts: ['a red ring', 'a blue circle'] },
    },
  },
  {
    file: 'lxmert-vqa',
    name: 'Visual question answering with LXMERT',
    description:
      'An answer to a question about the regions that a detector saw in a picture, and where it saw them: LXMERT reads words and regions apart, then together. Give your own features and boxes: .npy files, or a .tsv of bottom-up attention.',
    head: 'head/answer',
    model: 'unc-nlp/lxmert-vqa-uncased',
    sources: { features: { regions: 'regions.tsv', boxes: true }, question: { texts: ['what colour is the ring ?'] } },
  },
  {
    file: 'visual-bert-choose',
    name: 'Multiple choice with VisualBERT',
    description:
      'Which of some answers fits a question about the regions that a detector saw in a picture: VisualBERT reads the question with each of them and compares (visual commonsense reasoning). Give your own features: .npy of 512 numbers for each region, or a .tsv of bottom-up attention.',
    head: 'head/choose',
    model: 'uclanlp/visualbert-vcr',
    sources: {
      features: { regions: 'regions.tsv' },
      question: { texts: ['what colour is the ring ?'] },
      choices: { texts: ['it is red', 'it is blue', 'it is green'] },
    },
  },
];
