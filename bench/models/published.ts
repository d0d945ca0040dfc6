/**
 * One published model of each family, and the task it is measured by: what the bench gives to us and what it compares.
 * Only data and calls of tasks: families are loaded as any user's are.
 */
import type { Tasks } from '../../src/models/pipelines/task.ts';
import type { ImageValue } from '../../src/protocol/value.ts';
import type { Given } from './published-input.ts';

/** Numbers, or a text that both must write alike. */
export type Answer = ArrayLike<number> | string;

export interface PublishedModel {
  readonly name: string;
  /** What makes it in peers/published_models.py. */
  readonly make: string;
  /** Pixels along each side of its picture, the size that its processor would give it. */
  readonly side: number;
  /** The text of models that read no picture. */
  readonly text?: string;
  readonly rounds: number;
  /** Of beam search, where the model writes; greedy when left out. */
  readonly beams?: number;
  /** How many tokens it writes, where that tells its speed. */
  readonly tokens?: number;
  /** undefined where the family does not have that task. */
  readonly run: (tasks: Tasks, given: Given) => Promise<Answer> | undefined;
}

/** As TEXT of peers/published_models.py. */
const TEXT = 'a cat and a dog';
/** Tokens that peers write. */
const MOST_TOKENS = 16;

/** Both embeddings of length 1, side by side. */
const embeddings: PublishedModel['run'] = (tasks, { image }) => {
  const [ofImages, ofTexts] = [tasks['image-feature-extraction'], tasks['text-feature-extraction']];
  if (ofImages === undefined || ofTexts === undefined) return undefined;
  return (async () => {
    const [picture] = await ofImages({ images: [image] });
    const [text] = await ofTexts({ texts: [TEXT] });
    return [...unit(picture!), ...unit(text!)];
  })();
};

const label: PublishedModel['run'] = (tasks, { image }) =>
  tasks['image-classification']?.({ image }).then(({ entries }) => entries[0]!.label);

const answer =
  (regions: boolean): PublishedModel['run'] =>
  (tasks, given) =>
    tasks['visual-question-answering']?.({
      ...(regions ? { regions: given.regions } : { image: given.image }),
      question: TEXT,
    }).then(({ text }) => text);

const match: PublishedModel['run'] = (tasks, { image }) =>
  tasks['image-text-matching']?.({ image, texts: [TEXT] }).then(({ entries }) => [entries[0]!.score]);

const caption: PublishedModel['run'] = (tasks, { image }) =>
  tasks['image-to-text']?.({ image, maxTokens: MOST_TOKENS }).then(({ text }) => text);

const decodingBy = (beams: number) =>
  ({ strategy: beams > 1 ? 'beam' : 'greedy', ...(beams > 1 && { beams }) }) as const;

/** All tokens, also where a text of random weights would end before. */
const captionBy =
  (beams: number): PublishedModel['run'] =>
  (tasks, { image }) =>
    tasks['image-to-text']?.({
      image,
      maxTokens: MOST_TOKENS,
      decoding: { ...decodingBy(beams), minTokens: MOST_TOKENS },
    }).then(({ text }) => text);

const continuationBy =
  (prompt: string, beams: number): PublishedModel['run'] =>
  (tasks) =>
    tasks['text-generation']?.({
      prompt,
      maxTokens: MOST_TOKENS,
      decoding: { ...decodingBy(beams), minTokens: MOST_TOKENS },
    }).then(({ text }) => text.trim());

const word =
  (text: string): PublishedModel['run'] =>
  (tasks) =>
    tasks['fill-mask']?.({ text }).then(([scores]) => scores!.entries[0]!.label.trim());

const continuation =
  (prompt: string): PublishedModel['run'] =>
  (tasks) =>
    tasks['text-generation']?.({ prompt, maxTokens: MOST_TOKENS }).then(({ text }) => text.replace(prompt, '').trim());

const video: PublishedModel['run'] = (tasks, { image }) =>
  tasks['zero-shot-video-classification']?.({
    frames: new Array<ImageValue>(8).fill(image),
    labels: [TEXT, 'a dog'],
  }).then(({ entries }) => entries.map(({ score }) => score));

const detection: PublishedModel['run'] = (tasks, { image }) =>
  tasks['zero-shot-object-detection']?.({ image, labels: [TEXT], threshold: 0 }).then(({ boxes }) => [
    Math.max(...boxes.map(({ score }) => score)),
  ]);

const masks: PublishedModel['run'] = (tasks, { image }) =>
  tasks['zero-shot-image-segmentation']?.({ image, labels: [TEXT] }).then((found) => [found.masks[0]!.score]);

const MASKED = 'the [MASK] sat on a mat and the dog sat on a log';
const PROMPT = 'the cat sat on the mat and';

export const PUBLISHED: readonly PublishedModel[] = [
  { name: 'CLIP ViT-B/32, embeddings', make: 'clip', side: 224, rounds: 7, run: embeddings },
  { name: 'SigLIP base, embeddings', make: 'siglip', side: 224, rounds: 5, run: embeddings },
  { name: 'ALIGN base, embeddings', make: 'align', side: 346, rounds: 3, run: embeddings },
  { name: 'Chinese-CLIP base, embeddings', make: 'chinese_clip', side: 224, rounds: 5, run: embeddings },
  { name: 'GroupViT, embeddings', make: 'groupvit', side: 224, rounds: 7, run: embeddings },
  { name: 'FLAVA, embeddings', make: 'flava', side: 224, rounds: 5, run: embeddings },
  { name: 'X-CLIP B/32, 8 frames', make: 'xclip', side: 224, rounds: 3, run: video },
  { name: 'ViLT-B/32, VQA', make: 'vilt', side: 384, rounds: 5, run: answer(false) },
  { name: 'VisualBERT, VQA', make: 'visual_bert', side: 224, rounds: 7, run: answer(true) },
  { name: 'LXMERT, VQA', make: 'lxmert', side: 224, rounds: 7, run: answer(true) },
  { name: 'BridgeTower base, matching', make: 'bridgetower', side: 288, rounds: 3, run: match },
  { name: 'BLIP base, caption', make: 'blip_caption', side: 384, rounds: 3, run: caption },
  { name: 'BLIP base, matching', make: 'blip_match', side: 384, rounds: 3, run: match },
  { name: 'GIT base, caption', make: 'git', side: 224, rounds: 3, run: caption },
  { name: 'OWL-ViT B/32, detection', make: 'owlvit', side: 768, rounds: 3, run: detection },
  { name: 'CLIPSeg rd64, segmentation', make: 'clipseg', side: 352, rounds: 3, run: masks },
  { name: 'TrOCR base, text', make: 'trocr', side: 384, rounds: 3, run: caption },
  { name: 'ViT base, labels', make: 'vit', side: 224, rounds: 7, run: label },
  { name: 'BEiT base, labels', make: 'beit', side: 224, rounds: 7, run: label },
  { name: 'Swin tiny, labels', make: 'swin_tiny', side: 224, rounds: 7, run: label },
  { name: 'Swin base, labels', make: 'swin_base', side: 224, rounds: 5, run: label },
  { name: 'DINOv2 base, labels', make: 'dinov2', side: 256, rounds: 5, run: label },
  { name: 'BERT base, mask', make: 'bert', side: 1, text: MASKED, rounds: 9, run: word(MASKED) },
  { name: 'DistilBERT base, mask', make: 'distilbert', side: 1, text: MASKED, rounds: 9, run: word(MASKED) },
  {
    name: 'RoBERTa base, mask',
    make: 'roberta',
    side: 1,
    text: MASKED.replace(' [MASK]', '<mask>'),
    rounds: 9,
    run: word(MASKED.replace(' [MASK]', '<mask>')),
  },
  { name: 'GPT-2, 16 tokens', make: 'gpt2', side: 1, text: PROMPT, rounds: 5, run: continuation(PROMPT) },
  { name: 'OPT-125m, 16 tokens', make: 'opt', side: 1, text: PROMPT, rounds: 5, run: continuation(PROMPT) },
];

/** Writers by greedy search and by four beams; a picture's encoder is part of the time. */
export const WRITERS: readonly PublishedModel[] = [1, 4].flatMap((beams) => {
  const how = beams > 1 ? `${beams} beams` : 'greedy';
  const common = { beams, tokens: MOST_TOKENS, rounds: 5 };
  return [
    { ...common, name: `GPT-2, ${how}`, make: 'gpt2', side: 1, text: PROMPT, run: continuationBy(PROMPT, beams) },
    { ...common, name: `TrOCR base, ${how}`, make: 'trocr', side: 384, run: captionBy(beams) },
  ];
});

/** As peers answer: a text is its code points. */
export function numbersOf(given: Answer): Float32Array {
  if (typeof given !== 'string') return Float32Array.from(given);
  return Float32Array.from(given === '' ? [0] : [...given].map((letter) => letter.codePointAt(0)!));
}

function unit(numbers: Float32Array): Float32Array {
  const length = Math.hypot(...numbers);
  return numbers.map((value) => value / length);
}
