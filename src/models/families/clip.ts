/**
 * CLIP: a pre-norm tower of pictures, a causal pre-norm tower of texts, and a projection of each into one space.
 * Checkpoints of transformers' CLIPModel; other families use the towers alone.
 * Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision (2021).
 */
import type { HeadSpec, LinearSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
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

/** Old files also hold the numbers 0, 1, 2, …; `finish` may ignore them. */
export const CLIP_BUFFERS = /(?:^|\.)embeddings\.position_ids$/;

/** Also SigLIP's and others'. */
export const CLIP_LAYER: LayerNames = {
  attention: { query: 'self_attn.q_proj', key: 'self_attn.k_proj', value: 'self_attn.v_proj' },
  attentionOutput: 'self_attn.out_proj',
  attentionNorm: 'layer_norm1',
  up: 'mlp.fc1',
  down: 'mlp.fc2',
  feedForwardNorm: 'layer_norm2',
};

/** What configurations leave out; families with CLIP's towers differ in some of it. */
export const CLIP_VISION = {
  ...{ width: 768, layers: 12, heads: 12, inner: 3072, activation: 'quick_gelu', epsilon: 1e-5 },
  ...{ size: 224, patch: 32 },
};
export const CLIP_TEXT = {
  ...{ width: 512, layers: 12, heads: 8, inner: 2048, activation: 'quick_gelu', epsilon: 1e-5 },
  ...{ vocabulary: 49_408, positions: 77, end: 49_407 },
};
const PROJECTION = 512;

/** What the authors of CLOOB multiply cosines with; the temperature that its checkpoints hold is that of training. */
const CLOOB_SCALE = 100;

/** Checkpoints of CLOOB (Fürst et al. 2022) and of DeCLIP (Li et al. 2022) in CLIP's form have nothing else that differs. */
const CLOOB_TRAINING = /^logit_(?:inv_tau|scale_hopfield)$/;

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function clip({ config, weights }: Checkpoint, heads: Heads = 'projected'): Promise<DualEncoderStacks> {
  const dim = config.count('projection_dim', PROJECTION);
  const vision = clipVision(
    towerConfig(config, 'vision'),
    weights,
    projection(weights, 'visual_projection', dim, heads),
  );
  const text = clipText(towerConfig(config, 'text'), weights, projection(weights, 'text_projection', dim, heads));
  const isCloob = !weights.has('logit_scale') && weights.has('logit_inv_tau');
  const scale = isCloob ? CLOOB_SCALE : await storedScale(weights);
  weights.finish({ ignore: isCloob ? [CLIP_BUFFERS, CLOOB_TRAINING] : [CLIP_BUFFERS] });
  return { vision, text, dim, similarity: { scale } };
}

/** The first configurations kept a tower's options under two keys; where both are given, `…_config_dict` is meant. */
export function towerConfig(config: ConfigReader, tower: string): ConfigReader {
  const old = `${tower}_config_dict`;
  return config.section(config.has(old) ? old : `${tower}_config`);
}

/**
 * The same tower for models that read all rows of a picture: without head, and with the last norm over all rows where
 * they read them after it.
 */
export function clipRows(
  config: ConfigReader,
  checkpoint: WeightReader,
  { normed, defaults = CLIP_VISION }: { readonly normed: boolean; readonly defaults?: typeof CLIP_VISION },
): PictureStack {
  const { spec, ...picture } = clipVision(config, checkpoint, undefined, defaults);
  const { head, ...rows } = spec;
  return { ...picture, spec: normed ? { ...rows, norm: head!.norm! } : rows };
}

/**
 * The tower of pictures. Its head normalises the class token and projects it, where there is a projection; the stream
 * itself stays without that norm, as `last_hidden_state` in transformers.
 */
export function clipVision(
  config: ConfigReader,
  checkpoint: WeightReader,
  project?: Projection,
  defaults = CLIP_VISION,
): PictureStack {
  const shape = readEncoderShape(config, defaults);
  const picture = readPictureShape(config, defaults);
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
      layers: transformerLayers(weights, ['encoder.layers.'], CLIP_LAYER, shape, { norms: 'before' }),
      head: {
        rows: 'first',
        norm: layerNorm(weights, 'post_layernorm', width, epsilon),
        ...projected(project?.(width)),
      },
    },
  };
}

/** The tower of texts. Its head reads the end token, and projects it where there is a projection. */
export function clipText(
  config: ConfigReader,
  checkpoint: WeightReader,
  project?: Projection,
  defaults = CLIP_TEXT,
): TextStack {
  const shape = readEncoderShape(config, defaults);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', defaults.vocabulary);
  const positions = clipTextPositions(config, defaults);
  const weights = checkpoint.below(['text_model.', '']);
  return {
    positions,
    headRow: endToken(config.id('eos_token_id', defaults.end)),
    spec: {
      name: `${config.model} (text)`,
      width,
      tokens: {
        tokens: weights.take('embeddings.token_embedding.weight', [vocabulary, width]),
        positions: weights.take('embeddings.position_embedding.weight', [positions, width]),
      },
      layers: transformerLayers(weights, ['encoder.layers.'], CLIP_LAYER, shape, { norms: 'before', causal: true }),
      norm: layerNorm(weights, 'final_layer_norm', width, shape.epsilon),
      head: { rows: 'chosen', ...projected(project?.(width)) },
    },
  };
}

/** Most tokens of a text. */
export function clipTextPositions(config: ConfigReader, defaults = CLIP_TEXT): number {
  return config.count('max_position_embeddings', defaults.positions);
}

function projected(linear: LinearSpec | undefined): Pick<HeadSpec, 'linear'> {
  return linear === undefined ? {} : { linear };
}

/** What OpenAI's own configurations say, where the end token has another id: the largest of the vocabulary. */
const LEGACY_END = 2;

/** Where a text ends: at the first id equal to `end`, or by the legacy rule at the first of the largest ids. */
export function endToken(end: number): (ids: readonly number[]) => number {
  if (end === LEGACY_END) return firstLargest;
  // As in transformers, a text without any is read at its start.
  return (ids) => Math.max(0, ids.indexOf(end));
}

export function firstLargest(ids: readonly number[]): number {
  return ids.indexOf(ids.reduce((most, id) => Math.max(most, id), 0));
}
