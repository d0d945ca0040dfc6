/**
 * The processor classes of transformers that Weft knows, and the values each uses where a configuration is silent.
 * Data only. `extra` names options of that class alone.
 */
import type { ResizeFilter } from '../native/image.ts';

const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073];
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711];
const HALF = [0.5, 0.5, 0.5];

/** A size as configurations write it. */
export type SizeOption = number | readonly number[] | Readonly<Record<string, number>>;

export interface ProcessorClass {
  readonly size: SizeOption;
  readonly filter: ResizeFilter;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** A bare number as `size` means a square; else the shorter edge. */
  readonly square: boolean;
  readonly cropSize?: SizeOption;
  readonly centerCrop?: boolean;
  readonly convertRgb?: boolean;
  readonly pad?: boolean;
  /** How it departs from resize, crop, rescale, normalise, pad. */
  readonly geometry?: 'multiple' | 'donut' | 'owlv2';
  /** Gives a mask of what is not padding. */
  readonly mask?: boolean;
  /** Switches of the common ones that this class does not look at. */
  readonly without?: readonly string[];
  readonly extra?: readonly string[];
}

const CLIP: ProcessorClass = {
  size: { shortest_edge: 224 },
  filter: 'bicubic',
  mean: CLIP_MEAN,
  std: CLIP_STD,
  square: false,
  cropSize: 224,
  centerCrop: true,
  convertRgb: true,
};

const VIT: ProcessorClass = { size: 224, filter: 'bilinear', mean: HALF, std: HALF, square: true };

export const PROCESSOR_CLASSES: Readonly<Record<string, ProcessorClass>> = {
  CLIP: { ...CLIP, extra: ['use_square_size'] },
  ChineseCLIP: CLIP,
  Bit: CLIP,
  ViT: VIT,
  DeiT: { ...VIT, filter: 'bicubic', size: 256, cropSize: 224, centerCrop: true },
  Beit: { ...VIT, filter: 'bicubic', cropSize: 224, without: ['do_pad'], extra: ['do_reduce_labels', 'reduce_labels'] },
  Blip: { size: 384, filter: 'bicubic', mean: CLIP_MEAN, std: CLIP_STD, square: true, convertRgb: true },
  Idefics: {
    size: 224,
    filter: 'bicubic',
    mean: CLIP_MEAN,
    std: CLIP_STD,
    square: true,
    convertRgb: true,
    without: ['do_center_crop', 'do_pad'],
    extra: ['image_size', 'image_num_channels'],
  },
  Siglip: { size: [224, 224], filter: 'bicubic', mean: HALF, std: HALF, square: false, convertRgb: true },
  OwlViT: {
    size: 768,
    filter: 'bicubic',
    mean: CLIP_MEAN,
    std: CLIP_STD,
    square: true,
    cropSize: 768,
    convertRgb: true,
    extra: ['rescale'],
  },
  Owlv2: {
    size: 960,
    filter: 'bilinear',
    mean: CLIP_MEAN,
    std: CLIP_STD,
    square: true,
    convertRgb: true,
    pad: true,
    geometry: 'owlv2',
    without: ['do_center_crop'],
    extra: ['rescale'],
  },
  Vilt: {
    size: { shortest_edge: 384 },
    filter: 'bicubic',
    mean: HALF,
    std: HALF,
    square: false,
    pad: true,
    geometry: 'multiple',
    mask: true,
    without: ['do_center_crop'],
    extra: ['size_divisor'],
  },
  BridgeTower: {
    size: { shortest_edge: 288 },
    filter: 'bicubic',
    mean: CLIP_MEAN,
    std: CLIP_STD,
    square: false,
    cropSize: { shortest_edge: 288 },
    centerCrop: true,
    pad: true,
    geometry: 'multiple',
    mask: true,
    extra: ['size_divisor'],
  },
  Flava: {
    size: 224,
    filter: 'bicubic',
    mean: CLIP_MEAN,
    std: CLIP_STD,
    square: true,
    cropSize: 224,
    centerCrop: true,
    without: ['do_pad'],
    extra: [
      'return_codebook_pixels',
      'codebook_do_resize',
      'codebook_size',
      'codebook_resample',
      'codebook_do_center_crop',
      'codebook_crop_size',
      'codebook_do_rescale',
      'codebook_rescale_factor',
      'codebook_do_map_pixels',
      'codebook_do_normalize',
      'codebook_image_mean',
      'codebook_image_std',
      // Of the random mask for pre-training, which Weft does not draw; return_image_mask itself is refused.
      'return_image_mask',
      'input_size_patches',
      'total_mask_patches',
      'mask_group_min_patches',
      'mask_group_max_patches',
      'mask_group_min_aspect_ratio',
      'mask_group_max_aspect_ratio',
    ],
  },
  VideoMAE: {
    ...VIT,
    size: { shortest_edge: 224 },
    square: false,
    cropSize: 224,
    centerCrop: true,
    without: ['do_pad'],
  },
  Donut: {
    size: [2560, 1920],
    filter: 'bilinear',
    mean: HALF,
    std: HALF,
    square: true,
    pad: true,
    geometry: 'donut',
    extra: ['do_thumbnail', 'do_align_long_axis'],
  },
  EfficientNet: {
    size: 346,
    filter: 'bicubic',
    mean: HALF,
    std: HALF,
    square: true,
    cropSize: 289,
    without: ['do_pad'],
    extra: ['rescale_offset', 'include_top'],
  },
};

/** The class that transformers chooses for a model type, for configurations that name none. */
export const CLASS_OF_MODEL_TYPE: Readonly<Record<string, string>> = {
  align: 'EfficientNet',
  altclip: 'CLIP',
  beit: 'Beit',
  bit: 'Bit',
  blip: 'Blip',
  'blip-2': 'Blip',
  bridgetower: 'BridgeTower',
  chinese_clip: 'ChineseCLIP',
  clip: 'CLIP',
  clipseg: 'ViT',
  deit: 'DeiT',
  dinov2: 'Bit',
  'donut-swin': 'Donut',
  efficientnet: 'EfficientNet',
  flava: 'Flava',
  git: 'CLIP',
  groupvit: 'CLIP',
  idefics: 'Idefics',
  llava: 'CLIP',
  owlv2: 'Owlv2',
  owlvit: 'OwlViT',
  siglip: 'Siglip',
  swin: 'ViT',
  trocr: 'ViT',
  videomae: 'VideoMAE',
  vilt: 'Vilt',
  vit: 'ViT',
  xclip: 'CLIP',
};
