/**
 * Chinese-CLIP: CLIP's tower of pictures, a BERT as tower of texts whose first token is projected. Checkpoints of
 * transformers' ChineseCLIPModel.
 * Source: Yang et al., Chinese CLIP: Contrastive Vision-Language Pretraining in Chinese (2022).
 */
import type { Checkpoint } from '../towers/checkpoint.ts';
import { type DualEncoderStacks, type Heads, projection, storedScale } from '../towers/dual-encoder.ts';
import { BERT_BUFFERS, bertTower } from './bert.ts';
import { CLIP_BUFFERS, clipVision, towerConfig } from './clip.ts';

const PROJECTION = 512;
const WIDTH = 768;

/** BERT's pooler, which its checkpoints may hold and the model does not have. */
const UNUSED = /^text_model\.pooler\./;

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function chineseClip(
  { config, weights }: Checkpoint,
  heads: Heads = 'projected',
): Promise<DualEncoderStacks> {
  const dim = config.count('projection_dim', PROJECTION);
  const visual = projection(weights, 'visual_projection', dim, heads);
  const vision = clipVision(towerConfig(config, 'vision'), weights, visual);
  const textConfig = towerConfig(config, 'text');
  const project = projection(weights, 'text_projection', dim, heads);
  const head = project && { rows: 'first' as const, linear: project(textConfig.count('hidden_size', WIDTH)) };
  const text = bertTower(textConfig, weights.below('text_model.'), 'bert', head);
  const scale = await storedScale(weights);
  weights.finish({ ignore: [CLIP_BUFFERS, BERT_BUFFERS, UNUSED] });
  return { vision, text, dim, similarity: { scale } };
}
