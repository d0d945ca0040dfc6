/**
 * CLIP: a pre-norm tower of pictures, a causal pre-norm tower of texts, and a projection of each into one space.
 * Checkpoints of transformers' CLIPModel; other families use the towers alone.
 * Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision (2021).
 */
import type { HeadSpec, LinearSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

/** Old files also hold the numbers 0, 1, 2, …; `finish` may ignore them. */
export const CLIP_BUFFERS = /(?:^|\.)embeddings\.position_ids$/;

const LAYER: LayerNames = {
  attention: { query: 'self_attn.q_proj', key: 'self_attn.k_proj', value: 'self_attn.v_proj' },
  attentionOutput: 'self_attn.out_proj',
  attentionNorm: 'layer_norm1',
  up: 'mlp.fc1',
  down: 'mlp.fc2',
  feedForwardNorm: 'layer_norm2',
};

const VISION = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'quick_gelu', epsilon: 1e-5 };
const TEXT = { width: 512, layers: 12, heads: 8, inner: 2048, activation: 'quick_gelu', epsilon: 1e-5 };
const PROJECTION = 512;

export interface ClipStacks {
  readonly vision: PictureStack;
  readonly text: TextStack;
  /** Width of the shared space. */
  readonly dim: number;
  /** As stored: the logarithm of what cosines are multiplied with. */
  readonly logitScale: number;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function clip({ config, weights }: Checkpoint): Promise<ClipStacks> {
  const dim = config.count('projection_dim', PROJECTION);
  const vision = clipVision(towerConfig(config, 'vision'), weights, (width) =>
    linear(weights, 'visual_projection', { inputs: width, outputs: dim, bias: false }),
  );
  const text = clipText(towerConfig(config, 'text'), weights, (width) =>
    linear(weights, 'text_projection', { inputs: width, outputs: dim, bias: false }),
  );
  const [logitScale = 0] = await weights.floats('logit_scale', []);
  weights.finish({ ignore: [CLIP_BUFFERS] });
  return { vision, text, dim, logitScale };
}

/** The first configurations kept a tower's options under two keys; where both are given, `…_config_dict` is meant. */
export function towerConfig(config: ConfigReader, tower: 'vision' | 'text'): ConfigReader {
  const old = `${tower}_config_dict`;
  return config.section(config.has(old) ? old : `${tower}_config`);
}

/**
 * The tower of pictures. Its head normalises the class token and projects it, where there is a projection; the stream
 * itself stays without that norm, as `last_hidden_state` in transformers.
 */
export function clipVision(
  config: ConfigReader,
  checkpoint: WeightReader,
  projection?: (width: number) => LinearSpec,
): PictureStack {
  const shape = readEncoderShape(config, VISION);
  const picture = readPictureShape(config, { size: 224, patch: 32 });
  const { width, epsilon } = shape;
  const weights = checkpoint.below(['vision_model.', '']);
  const patches = patchEmbedding(
    weights,
    {
      project: 'embeddings.patch_embedding',
      bias: false,
      leading: [{ name: 'embeddings.class_embedding', axes: [] }],
      positions: (rows) => ({ name: 'embeddings.position_embedding.weight', axes: [rows] }),
    },
    picture,
    width,
    // The published names have this misspelling.
    layerNorm(weights, ['pre_layrnorm', 'pre_layernorm'], width, epsilon),
  );
  return {
    channels: picture.channels,
    size: picture.size,
    spec: {
      name: `${config.model} (vision)`,
      width,
      patches,
      layers: transformerLayers(weights, ['encoder.layers.'], LAYER, shape, { norms: 'before' }),
      head: {
        rows: 'first',
        norm: layerNorm(weights, 'post_layernorm', width, epsilon),
        ...projected(projection?.(width)),
      },
    },
  };
}

/** The tower of texts. Its head reads the end token, and projects it where there is a projection. */
export function clipText(
  config: ConfigReader,
  checkpoint: WeightReader,
  projection?: (width: number) => LinearSpec,
): TextStack {
  const shape = readEncoderShape(config, TEXT);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 49_408);
  const positions = config.count('max_position_embeddings', 77);
  const weights = checkpoint.below(['text_model.', '']);
  return {
    positions,
    headRow: endToken(config.id('eos_token_id', 49_407)),
    spec: {
      name: `${config.model} (text)`,
      width,
      tokens: {
        tokens: weights.take('embeddings.token_embedding.weight', [vocabulary, width]),
        positions: weights.take('embeddings.position_embedding.weight', [positions, width]),
      },
      layers: transformerLayers(weights, ['encoder.layers.'], LAYER, shape, { norms: 'before', causal: true }),
      norm: layerNorm(weights, 'final_layer_norm', width, shape.epsilon),
      head: { rows: 'chosen', ...projected(projection?.(width)) },
    },
  };
}

function projected(linear: LinearSpec | undefined): Pick<HeadSpec, 'linear'> {
  return linear === undefined ? {} : { linear };
}

/** What OpenAI's own configurations say, where the end token has another id: the largest of the vocabulary. */
const LEGACY_END = 2;

/** Where a text ends: at the first id equal to `end`, or by the legacy rule at the first of the largest ids. */
export function endToken(end: number): (ids: readonly number[]) => number {
  if (end === LEGACY_END) return (ids) => ids.indexOf(ids.reduce((most, id) => Math.max(most, id), 0));
  // As in transformers, a text without any is read at its start.
  return (ids) => Math.max(0, ids.indexOf(end));
}
