/**
 * The tower of pictures that BLIP and BLIP-2 share: a pre-norm ViT whose queries, keys and values are one matrix, and
 * whose last norm covers every row.
 * Sources: Li et al., BLIP (2022); for BLIP-2 Fang et al., EVA (2022).
 */
import type { HeadSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import {
  type EncoderDefaults,
  type LayerNames,
  readEncoderShape,
  transformerLayers,
} from '../blocks/transformer-layer.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

const LAYER: LayerNames = {
  attention: { fused: 'self_attn.qkv' },
  attentionOutput: 'self_attn.projection',
  attentionNorm: 'layer_norm1',
  up: 'mlp.fc1',
  down: 'mlp.fc2',
  feedForwardNorm: 'layer_norm2',
};

export interface BlipVisionDefaults extends EncoderDefaults {
  readonly size: number;
  readonly patch: number;
}

/** @param head reads rows after the last norm; `pooled` is the class token normalised once more, as transformers has it */
export function blipVision(
  config: ConfigReader,
  weights: WeightReader,
  defaults: BlipVisionDefaults,
  head?: 'pooled' | ((width: number) => HeadSpec),
): PictureStack {
  const shape = readEncoderShape(config, defaults);
  const picture = readPictureShape(config, defaults);
  const { width } = shape;
  const norm = layerNorm(weights, 'post_layernorm', width, shape.epsilon);
  const patches = patchEmbedding(
    weights,
    {
      project: 'embeddings.patch_embedding',
      leading: [{ name: 'embeddings.class_embedding', axes: [1, 1] }],
      positions: (rows) => ({ name: 'embeddings.position_embedding', axes: [1, rows] }),
    },
    picture,
    width,
  );
  const queryKeyValueBias = config.flag('qkv_bias', true);
  const pooled: HeadSpec = { rows: 'first', norm };
  return {
    channels: picture.channels,
    size: picture.size,
    spec: {
      name: `${config.model} (vision)`,
      width,
      patches,
      layers: transformerLayers(weights, ['encoder.layers.'], LAYER, shape, { norms: 'before', queryKeyValueBias }),
      norm,
      ...(head === undefined ? {} : { head: head === 'pooled' ? pooled : head(width) }),
    },
  };
}
