/**
 * VisionTextDualEncoder: any tower of pictures beside any tower of texts, what their own poolers give projected into one
 * space. This is the form of LiT's models, whose tower of pictures was trained before and locked.
 * Checkpoints of transformers' VisionTextDualEncoderModel.
 * Source: Zhai et al., LiT: Zero-Shot Transfer with Locked-image Text Tuning (2021).
 */
import type { HeadSpec, HeadStepSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import {
  type DualEncoderStacks,
  type Heads,
  type Projection,
  projection,
  storedScale,
} from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { BERT_BUFFERS, bertPooler, bertTower } from './bert.ts';
import { CLIP_BUFFERS, clipText, clipVision } from './clip.ts';
import { dinov2Tower } from './dinov2.ts';
import { siglipVision } from './siglip.ts';
import { vitPooler, vitTower } from './vit.ts';

type Tower<Stack> = (config: ConfigReader, weights: WeightReader, project: Projection) => Stack | Promise<Stack>;

const vit =
  (kind: 'vit' | 'deit'): Tower<PictureStack> =>
  (config, weights, project) => {
    const width = readWidth(config);
    return vitTower(config, weights, kind, pooled(vitPooler(config, weights, width), project, width));
  };

const dinov2: Tower<PictureStack> = (config, weights, project) =>
  dinov2Tower(config, weights, pooled({}, project, readWidth(config)));

const bert =
  (kind: 'bert' | 'roberta'): Tower<TextStack> =>
  (config, weights, project) => {
    const width = readWidth(config);
    return bertTower(config, weights, kind, pooled(bertPooler(weights, width), project, width));
  };

/** By `model_type`. CLIP's towers stand one level deeper in what transformers 4 wrote, which they look for themselves. */
const VISION: ReadonlyMap<string, Tower<PictureStack>> = new Map([
  ['vit', vit('vit')],
  ['deit', vit('deit')],
  ['clip_vision_model', clipVision],
  ['chinese_clip_vision_model', clipVision],
  ['dinov2', dinov2],
  ['siglip_vision_model', siglipVision],
]);

const TEXT: ReadonlyMap<string, Tower<TextStack>> = new Map([
  ['bert', bert('bert')],
  ['roberta', bert('roberta')],
  ['xlm-roberta', bert('roberta')],
  ['camembert', bert('roberta')],
  ['clip_text_model', clipText],
]);

const PROJECTION = 512;
/** Of ViT, DINOv2, BERT and RoBERTa alike. */
const WIDTH = 768;

/** The mask tokens of pretraining. */
const UNUSED = /^vision_model\.embeddings\.mask_token$/;

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function visionTextDualEncoder(
  { config, weights }: Checkpoint,
  heads: Heads = 'projected',
): Promise<DualEncoderStacks> {
  const dim = config.count('projection_dim', PROJECTION);
  const visual = projection(weights, 'visual_projection', dim, heads);
  const vision = await open(VISION, config.section('vision_config'), weights.below('vision_model.'), visual);
  const textual = projection(weights, 'text_projection', dim, heads);
  const text = await open(TEXT, config.section('text_config'), weights.below('text_model.'), textual);
  const scale = await storedScale(weights);
  weights.finish({ ignore: [CLIP_BUFFERS, BERT_BUFFERS, UNUSED] });
  return { vision, text, dim, similarity: { scale } };
}

function open<Stack>(
  towers: ReadonlyMap<string, Tower<Stack>>,
  config: ConfigReader,
  weights: WeightReader,
  project: Projection,
): Stack | Promise<Stack> {
  const type = config.text('model_type');
  const tower = towers.get(type) ?? config.unsupported('model_type', `one of ${[...towers.keys()].join(', ')}`, type);
  return tower(config, weights, project);
}

function readWidth(config: ConfigReader): number {
  return config.count('hidden_size', WIDTH);
}

/** The pooled first row, and its projection where there is one. */
function pooled(pooler: HeadStepSpec, project: Projection, width: number): HeadSpec {
  return { rows: 'first', ...pooler, ...(project === undefined ? {} : { more: [{ linear: project(width) }] }) };
}
