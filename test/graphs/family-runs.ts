/** How the saved graph of each family is executed: with which small checkpoint, and what else is set. */
import type { ParamValue } from '../../src/protocol/param.ts';
import { drawn } from '../models/families/drawn-floats.ts';
import { npyFloats } from '../models/regions/npy-bytes.ts';
import type { TinyCheckpoint } from '../models/tiny-checkpoint.ts';

export interface FamilyRun extends TinyCheckpoint {
  readonly set?: Readonly<Record<string, ParamValue>>;
  /** Set the second time, so that the result is another one; a graph input that is a picture. */
  readonly change?: Readonly<Record<string, ParamValue>>;
  /** The scores are probabilities of one choice: they add up to 1. */
  readonly sumsToOne?: boolean;
}

const square = (side: number) => ({ height: side, width: side });
const clip = (side: number) => {
  return { image_processor_type: 'CLIPImageProcessor', size: { shortest_edge: side }, crop_size: square(side) };
};

const plain = (kind: string, side: number) => ({ image_processor_type: `${kind}ImageProcessor`, size: square(side) });

const vilt = (side: number, divisor: number) => {
  return { image_processor_type: 'ViltImageProcessor', size: { shortest_edge: side }, size_divisor: divisor };
};

/** Three boxes as shares of a picture. */
const BOXES = [0, 0, 0.5, 1, 0.25, 0, 1, 0.5, 0, 0.5, 1, 1];

/** Numbers as the URL of a .npy file. */
function arrayUrl(
  shape: readonly number[],
  seed: number,
  numbers: ArrayLike<number> = drawn(shape[0]! * shape[1]!, seed),
) {
  return `data:application/octet-stream;base64,${Buffer.from(npyFloats(shape, Float32Array.from(numbers))).toString('base64')}`;
}

/** By the graph's file name, without `.json`. */
export const FAMILY_RUNS: Readonly<Record<string, FamilyRun>> = {
  'align-zero-shot': {
    fixture: 'align_options',
    tokenizer: 'bert',
    processor: { image_processor_type: 'EfficientNetImageProcessor', size: square(26), do_center_crop: false },
    sumsToOne: true,
  },
  'chinese-clip-zero-shot': {
    fixture: 'chinese_clip',
    tokenizer: 'bert',
    processor: { image_processor_type: 'ChineseCLIPImageProcessor', size: square(32), crop_size: square(32) },
    sumsToOne: true,
  },
  'clip-zero-shot': { fixture: 'clip', tokenizer: 'clip', processor: clip(32), sumsToOne: true },
  'deit-image-classification': {
    fixture: 'deit',
    processor: { ...plain('DeiT', 32), do_center_crop: false },
    config: { architectures: ['DeiTForImageClassification'], id2label: { 0: 'cat', 1: 'dog', 2: 'owl' } },
    weights: { 'classifier.weight': [3, 48], 'classifier.bias': [3] },
    sumsToOne: true,
  },
  'dinov2-features': {
    fixture: 'dinov2_options',
    processor: { ...clip(28), image_processor_type: 'BitImageProcessor' },
  },
  'beit-image-classification': { fixture: 'beit', processor: { ...plain('Beit', 32), do_center_crop: false } },
  'bert-fill-mask': { fixture: 'bert_masked', tokenizer: 'bert', change: { text: ['a [MASK] star'] } },
  'roberta-fill-mask': {
    fixture: 'roberta_masked',
    tokenizer: 'roberta',
    change: { text: ['a <mask> star'] },
    set: { text: ['a <mask>'] },
  },
  'distilbert-text-classification': {
    fixture: 'distilbert_sst2',
    tokenizer: 'bert',
    change: { text: ['two circles'] },
    sumsToOne: true,
  },
  'swin-image-classification': { fixture: 'swin_classifier', processor: plain('ViT', 24), sumsToOne: true },
  'trocr-image-to-text': {
    fixture: 'trocr_beit',
    tokenizer: 'roberta',
    special: { '</s>': 43 },
    processor: plain('ViT', 32),
    set: { maxTokens: 8 },
  },
  'clipseg-segmentation': {
    fixture: 'clipseg_options',
    tokenizer: 'clip',
    special: { '<|endoftext|>': 58, '<|startoftext|>': 57 },
    processor: plain('ViT', 27),
  },
  'clipseg-segmentation-by-example': {
    fixture: 'clipseg_options',
    tokenizer: 'clip',
    special: { '<|endoftext|>': 58, '<|startoftext|>': 57 },
    processor: plain('ViT', 27),
    change: { example: 'examples/scene-3.png' },
  },
  'groupvit-segmentation': {
    fixture: 'groupvit_options',
    // Whole words: in nine positions, sentences of single letters would all be cut to the same one.
    tokenizer: 'bert',
    special: { '[CLS]': 57, '[SEP]': 58 },
    processor: clip(26),
    set: { threshold: 0 },
  },
  'xclip-video': {
    fixture: 'xclip_options',
    tokenizer: 'clip',
    processor: { ...clip(26), image_processor_type: 'VideoMAEImageProcessor' },
    change: { frames: 'examples/scene-[34].png' },
    sumsToOne: true,
  },
  'flava-zero-shot': {
    fixture: 'flava_options',
    tokenizer: 'bert',
    processor: { ...plain('Flava', 30), do_center_crop: false },
    sumsToOne: true,
  },
  'blip-image-to-text': {
    fixture: 'blip_caption_options',
    tokenizer: 'bert',
    special: { '[SEP]': 34, '[DEC]': 59 },
    processor: plain('Blip', 16),
    set: { maxTokens: 6 },
  },
  'blip-match': {
    fixture: 'blip_retrieval',
    tokenizer: 'bert',
    special: { '[CLS]': 3, '[SEP]': 2 },
    processor: plain('Blip', 32),
  },
  'blip-vqa': {
    fixture: 'blip_vqa_options',
    tokenizer: 'bert',
    special: { '[SEP]': 24, '[DEC]': 59 },
    processor: plain('Blip', 16),
  },
  'blip2-image-to-text': {
    fixture: 'blip2_options',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 52 },
    processor: plain('Blip', 16),
    set: { maxTokens: 6 },
  },
  'git-image-to-text': {
    fixture: 'git_tied',
    tokenizer: 'bert',
    special: { '[CLS]': 58, '[SEP]': 20 },
    processor: clip(16),
    set: { maxTokens: 6 },
  },
  'git-video-to-text': {
    fixture: 'git_frames',
    tokenizer: 'bert',
    special: { '[CLS]': 58, '[SEP]': 55 },
    processor: clip(16),
    set: { maxTokens: 6 },
    change: { frames: 'examples/scene-[78].png' },
  },
  'gpt2-text-generation': {
    fixture: 'gpt2_lm',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 138 },
    set: { maxTokens: 6, prompt: ['a red ring'] },
    change: { prompt: ['two stars'] },
  },
  'llama-text-generation': {
    fixture: 'llama_lm',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 48 },
    set: { maxTokens: 6, prompt: ['a red ring'] },
    change: { prompt: ['two stars'] },
  },
  'opt-text-generation': {
    fixture: 'opt_plain',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 54 },
    set: { maxTokens: 6, prompt: ['a red ring'] },
    change: { prompt: ['two stars'] },
  },
  'idefics-image-text-to-text': {
    fixture: 'idefics_plain',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 15, '<image>': 40, '<fake_token_around_image>': 41 },
    processor: clip(16),
    set: { maxTokens: 6, prompt: ['<image>a ring?'] },
    change: { images: 'examples/scene-2.png' },
  },
  'flamingo-few-shot': {
    fixture: 'idefics_plain',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 15, '<image>': 40, '<fake_token_around_image>': 41 },
    processor: clip(16),
    // Its positions are turned, not learned: there may be as many as two examples take.
    config: { max_position_embeddings: 200 },
    set: { maxTokens: 6, texts: ['a ring', 'a star'] },
    change: { texts: ['two', 'one'] },
  },
  'llava-image-text-to-text': {
    fixture: 'llava_options',
    tokenizer: 'gpt2',
    special: { '<|endoftext|>': 38, '<image>': 59 },
    processor: clip(16),
    set: { maxTokens: 6, prompt: ['red<image>blue ring'] },
    change: { images: 'examples/scene-2.png' },
  },
  'bridgetower-match': {
    fixture: 'bridgetower_scaled',
    tokenizer: 'roberta',
    processor: {
      image_processor_type: 'BridgeTowerImageProcessor',
      size: { shortest_edge: 21 },
      crop_size: { shortest_edge: 21 },
      size_divisor: 7,
    },
  },
  'owlv2-detection': { fixture: 'owlv2', tokenizer: 'clip', processor: plain('Owlv2', 32), set: { threshold: 0 } },
  'owlvit-detection': {
    fixture: 'owlvit_options',
    tokenizer: 'clip',
    processor: plain('OwlViT', 26),
    set: { threshold: 0 },
  },
  'owlvit-detection-by-example': {
    fixture: 'owlvit_options',
    tokenizer: 'clip',
    processor: plain('OwlViT', 26),
    set: { threshold: 0 },
    change: { example: 'examples/scene-3.png' },
  },
  'vilt-fill-mask': { fixture: 'vilt_mlm', tokenizer: 'bert', processor: vilt(48, 8) },
  'vilt-reason': {
    fixture: 'vilt_three_pictures',
    tokenizer: 'bert',
    processor: vilt(24, 6),
    config: { num_images: 2 },
    weights: {
      'classifier.0.weight': [48, 48],
      'classifier.0.bias': [48],
      'classifier.1.weight': [48],
      'classifier.1.bias': [48],
      'classifier.3.weight': [3, 48],
    },
    change: { left: 'examples/scene-3.png' },
    sumsToOne: true,
  },
  'vilt-vqa': { fixture: 'vilt_vqa', tokenizer: 'bert', processor: vilt(48, 8) },
  'siglip-zero-shot': { fixture: 'siglip_options', tokenizer: 'gpt2', processor: plain('Siglip', 30) },
  'vit-image-classification': { fixture: 'vit', processor: plain('ViT', 32) },
  'vision-text-dual-encoder-zero-shot': {
    fixture: 'dual_clip_bert',
    tokenizer: 'bert',
    processor: clip(32),
    sumsToOne: true,
  },
  'visual-bert-vqa': {
    fixture: 'visual_bert_options',
    tokenizer: 'bert',
    set: { features: arrayUrl([3, 10], 1) },
    change: { features: arrayUrl([3, 10], 2) },
    sumsToOne: true,
  },
  'visual-bert-choose': {
    fixture: 'visual_bert_options',
    tokenizer: 'bert',
    config: { architectures: ['VisualBertForMultipleChoice'], max_position_embeddings: 24 },
    weights: {
      'cls.weight': [1, 24],
      'cls.bias': [1],
      'visual_bert.embeddings.position_embeddings.weight': [24, 24],
      'visual_bert.embeddings.visual_position_embeddings.weight': [24, 24],
    },
    set: { features: arrayUrl([3, 10], 1) },
    change: { features: arrayUrl([3, 10], 2) },
    sumsToOne: true,
  },
  'visual-bert-ground': {
    fixture: 'visual_bert_phrase',
    tokenizer: 'bert',
    set: { features: arrayUrl([3, 24], 1) },
    change: { features: arrayUrl([3, 24], 2) },
  },
  'lxmert-vqa': {
    fixture: 'lxmert_pretraining',
    tokenizer: 'bert',
    set: { features: arrayUrl([3, 24], 1), boxes: arrayUrl([3, 4], 1, BOXES) },
    change: { features: arrayUrl([3, 24], 2) },
  },
};

/** Another picture than the one that graphs are saved with. */
export const OTHER_PICTURE = { image: 'examples/scene-2.png' };
