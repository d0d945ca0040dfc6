/** How the saved graph of each family is executed: with which small checkpoint, and what else is set. */
import type { ParamValue } from '../../src/protocol/param.ts';
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
    classifier: { class: 'DeiTForImageClassification', labels: ['cat', 'dog', 'owl'] },
    sumsToOne: true,
  },
  'dinov2-features': {
    fixture: 'dinov2_options',
    processor: { ...clip(28), image_processor_type: 'BitImageProcessor' },
  },
  'siglip-zero-shot': { fixture: 'siglip_options', tokenizer: 'gpt2', processor: plain('Siglip', 30) },
  'vit-image-classification': { fixture: 'vit', processor: plain('ViT', 32) },
  'vision-text-dual-encoder-zero-shot': {
    fixture: 'dual_clip_bert',
    tokenizer: 'bert',
    processor: clip(32),
    sumsToOne: true,
  },
};

/** Another picture than the one that graphs are saved with. */
export const OTHER_PICTURE = { image: 'examples/scene-2.png' };
