/**
 * BridgeTower's tower of pictures: OpenAI's CLIP under its own names, with heads of 64 numbers, QuickGELU and an inner
 * width of four times the outer one, whatever the configuration says.
 */

import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { type LayerNames, transformerLayers } from '../blocks/transformer-layer.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

const LAYER: LayerNames = {
  attention: { fused: 'attn.in_proj' },
  attentionOutput: 'attn.out_proj',
  attentionNorm: 'ln_1',
  up: 'mlp.c_fc',
  down: 'mlp.c_proj',
  feedForwardNorm: 'ln_2',
};

const HEAD_SIZE = 64;

export interface BridgeTowerVision {
  readonly stack: PictureStack;
  /** Names of layers above those that are used. */
  readonly unused: RegExp;
}

/**
 * @param layers how many are used: as many as the text tower has
 * Throws `model/bad-config` for a tower that has fewer.
 */
export function bridgeTowerVision(config: ConfigReader, weights: WeightReader, layers: number): BridgeTowerVision {
  const width = config.count('hidden_size', 768);
  if (width % HEAD_SIZE !== 0) config.bad('hidden_size', `a multiple of ${HEAD_SIZE}`, width);
  const given = config.count('num_hidden_layers', 12);
  const removed = config.flag('remove_last_layer', false) ? 1 : 0;
  if (given - removed < layers) {
    config.bad('num_hidden_layers', `at least ${layers + removed}, as the text tower has ${layers} layers,`, given);
  }
  const epsilon = config.number('layer_norm_eps', 1e-5);
  const picture = readPictureShape(config, { size: 288, patch: 16 });
  const shape = {
    width,
    layers,
    heads: width / HEAD_SIZE,
    inner: 4 * width,
    activation: 'quick_gelu',
    epsilon,
  } as const;
  const names = {
    project: 'embeddings.patch_embedding',
    bias: false,
    leading: [{ name: 'embeddings.class_embedding', axes: [] }],
    positions: (rows: number) => ({ name: 'embeddings.position_embedding.weight', axes: [rows] }),
  };
  return {
    stack: {
      channels: picture.channels,
      size: picture.size,
      spec: {
        name: `${config.model} (vision)`,
        width,
        patches: patchEmbedding(weights, names, picture, width, layerNorm(weights, 'ln_pre', width, epsilon)),
        layers: transformerLayers(weights, ['transformer.resblocks.'], LAYER, shape, { norms: 'before' }),
      },
    },
    unused: unusedLayers(layers, given),
  };
}

function unusedLayers(used: number, given: number): RegExp {
  const numbers = Array.from({ length: given - used }, (_, index) => used + index);
  return new RegExp(`\\.visual\\.transformer\\.resblocks\\.(?:${numbers.length > 0 ? numbers.join('|') : 'none'})\\.`);
}
