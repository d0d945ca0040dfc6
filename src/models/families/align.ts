/**
 * ALIGN: an EfficientNet whose pooled channels are the embedding of a picture, and a BERT whose first token is projected;
 * cosines are divided by a learned temperature. Checkpoints of transformers' AlignModel.
 * Source: Jia et al., Scaling Up Visual and Vision-Language Representation Learning With Noisy Text Supervision (2021).
 */
import type { HeadSpec } from '../../native/stack-spec.ts';
import { linear } from '../blocks/linear.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { Heads, Similarity } from '../towers/dual-encoder.ts';
import type { EfficientNetSpec } from '../towers/efficient-net.ts';
import type { TextStack } from '../towers/text-tower.ts';
import { alignVision, BATCH_COUNTS } from './align-vision.ts';
import { BERT_BUFFERS, bertPooler, bertTower } from './bert.ts';
import { towerConfig } from './clip.ts';

export interface AlignParts {
  /** What it pools is not projected. */
  readonly vision: EfficientNetSpec;
  readonly text: TextStack;
  readonly dim: number;
  readonly similarity: Similarity;
}

const PROJECTION = 640;
const TEXT_WIDTH = 768;

/** BERT's pooler, which nothing reads where texts are projected. */
const POOLER = /^text_model\.pooler\./;

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function align({ config, weights }: Checkpoint, heads: Heads = 'projected'): Promise<AlignParts> {
  const dim = config.count('projection_dim', PROJECTION);
  const vision = alignVision(towerConfig(config, 'vision'), weights.below('vision_model.'));
  if (vision.width !== dim) config.bad('projection_dim', `${vision.width}, as many as the pictures' channels,`, dim);
  const textConfig = towerConfig(config, 'text');
  const width = textConfig.count('hidden_size', TEXT_WIDTH);
  const textWeights = weights.below('text_model.');
  const head: HeadSpec =
    heads === 'pooled'
      ? { rows: 'first', ...bertPooler(textWeights, width) }
      : { rows: 'first', linear: linear(weights, 'text_projection', { inputs: width, outputs: dim }) };
  const text = bertTower(textConfig, textWeights, 'bert', head);
  const [temperature = 1] = await weights.floats('temperature', []);
  weights.finish({ ignore: [BATCH_COUNTS, BERT_BUFFERS, POOLER] });
  return { vision, text, dim, similarity: { scale: 1 / temperature } };
}
