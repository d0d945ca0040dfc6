/** Runners of the families of two towers. */
import { chineseClip } from '../../../src/models/families/chinese-clip.ts';
import { clip } from '../../../src/models/families/clip.ts';
import { siglip } from '../../../src/models/families/siglip.ts';
import { visionTextDualEncoder } from '../../../src/models/families/vision-text-dual-encoder.ts';
import type { FamilyRunner } from '../outcome.ts';
import { runAlign } from './align.ts';
import { dualEncoderRunner } from './dual-encoders.ts';
import { runFlava } from './flava.ts';

export const DUAL_ENCODER_FAMILIES: readonly (readonly [string, FamilyRunner])[] = [
  ['align', runAlign],
  ['chinese_clip', dualEncoderRunner('ChineseCLIPModel', chineseClip)],
  ['clip', dualEncoderRunner('CLIPModel', clip)],
  ['flava', runFlava],
  ['flava_pretraining', runFlava],
  ['siglip', dualEncoderRunner('SiglipModel', siglip, { maskedRuns: true })],
  ['vision_text_dual_encoder', dualEncoderRunner('VisionTextDualEncoderModel', visionTextDualEncoder)],
];
