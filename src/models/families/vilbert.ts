/**
 * ViLBERT's co-attention blocks, one after the other: regions and words, each asking the other.
 * Source: Lu et al., ViLBERT: Pretraining Task-Agnostic Visiolinguistic Representations (2019).
 */
import { readActivation } from '../blocks/activation-names.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import { type CoAttentionShape, type CoAttentionSpec, coAttention } from '../fusion/co-attention.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';

/** Published checkpoints have the first of these names. */
const LAYERS = ['bert.encoder.c_layer.', 'c_layer.'];

/** The paper's own for all of its norms. */
const EPSILON = 1e-12;

/**
 * The blocks in order. Of a published checkpoint the rest, two BERT streams around them, is not read.
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function vilbert({ config, weights }: Checkpoint): CoAttentionSpec[] {
  const inner = config.count('bi_hidden_size', 1024);
  const shape: CoAttentionShape = {
    visionWidth: config.count('v_hidden_size', 1024),
    textWidth: config.count('hidden_size', 768),
    inner,
    heads: readHeads(config, 'bi_num_attention_heads', 8, inner),
    visionFeedForward: config.count('v_intermediate_size', 1024),
    textFeedForward: config.count('intermediate_size', 3072),
    visionActivation: readActivation(config, 'v_hidden_act', 'gelu'),
    textActivation: readActivation(config, 'hidden_act', 'gelu'),
    epsilon: EPSILON,
  };
  const blocks = Array.from({ length: config.count('layers', 6) }, (_, layer) => {
    const names = LAYERS.map((prefix) => `${prefix}${layer}.`);
    return coAttention(`${config.model} block ${layer}`, weights.below(names), shape);
  });
  weights.finish({ ignore: [/\.biOutput\.q_dense[12]\./, /^(?!(?:bert\.encoder\.)?c_layer\.)/] });
  return blocks;
}
