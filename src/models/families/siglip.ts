/**
 * SigLIP: a tower of pictures without class token, pooled by an attention of its own, and a tower of texts that see all of
 * each other, read at the last position whatever stands there. Every pair is judged alone, by a sigmoid with a bias.
 * Checkpoints of transformers' SiglipModel, those of SigLIP 2 in that form included.
 * Source: Zhai et al., Sigmoid Loss for Language Image Pre-Training (2023).
 */
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear, rowsOf } from '../blocks/linear.ts';
import { patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { type EncoderShape, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { DualEncoderStacks, Projection } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { CLIP_BUFFERS, CLIP_LAYER, towerConfig } from './clip.ts';

const SHAPE = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu_pytorch_tanh', epsilon: 1e-6 };

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function siglip({ config, weights }: Checkpoint): Promise<DualEncoderStacks> {
  const vision = await siglipVision(towerConfig(config, 'vision'), weights);
  const textConfig = towerConfig(config, 'text');
  const text = siglipText(textConfig, weights);
  const dim = vision.spec.width;
  const projected = textConfig.count('projection_size', text.spec.width);
  if (projected !== dim) textConfig.bad('projection_size', `${dim}, the width of the pictures' tower,`, projected);
  const [logarithm = 0] = await weights.floats('logit_scale', [1]);
  const [bias = 0] = await weights.floats('logit_bias', [1]);
  weights.finish({ ignore: [CLIP_BUFFERS] });
  return { vision, text, dim, similarity: { scale: Math.exp(logarithm), bias } };
}

/** The tower of pictures; its head gives the pooled row, projected where there is a projection. */
export async function siglipVision(
  config: ConfigReader,
  checkpoint: WeightReader,
  project?: Projection,
): Promise<PictureStack> {
  config.only('vision_use_head', true);
  const shape = readEncoderShape(config, SHAPE);
  const picture = readPictureShape(config, { size: 224, patch: 16 });
  const { width, epsilon } = shape;
  const weights = checkpoint.below(['vision_model.', '']);
  const names = {
    project: 'embeddings.patch_embedding',
    leading: [],
    positions: (rows: number) => ({ name: 'embeddings.position_embedding.weight', axes: [rows] }),
  };
  return {
    channels: picture.channels,
    size: picture.size,
    spec: {
      name: `${config.model} (vision)`,
      width,
      patches: patchEmbedding(weights, names, picture, width),
      layers: transformerLayers(weights, ['encoder.layers.'], CLIP_LAYER, shape, { norms: 'before' }),
      norm: layerNorm(weights, 'post_layernorm', width, epsilon),
    },
    pooling: {
      probe: await weights.floats('head.probe', [1, 1, width]),
      spec: attentionPooling(weights.below('head.'), `${config.model} (vision pooling)`, shape, project?.(width)),
    },
  };
}

/** p + mlp(norm(p)) with p = attention(probe, rows, rows): the probe's place takes what it attends to, nothing is added. */
function attentionPooling(
  weights: WeightReader,
  name: string,
  { width, heads, inner, activation, epsilon }: EncoderShape,
  projection: LinearSpec | undefined,
): StackSpec {
  const weight = weights.take('attention.in_proj_weight', [3 * width, width]);
  const bias = weights.take('attention.in_proj_bias', [3 * width]);
  const part = (start: number, count: number) => ({
    weight: rowsOf(weight, start * width, count * width),
    bias: rowsOf(bias, start * width, count * width),
  });
  return {
    name,
    width,
    layers: [
      [
        {
          residual: false,
          crossAttention: {
            heads,
            memory: 0,
            query: part(0, 1),
            keyValue: part(1, 2),
            output: linear(weights, 'attention.out_proj', { inputs: width, outputs: width }),
          },
        },
        {
          before: layerNorm(weights, 'layernorm', width, epsilon),
          feedForward: {
            up: linear(weights, 'mlp.fc1', { inputs: width, outputs: inner }),
            down: linear(weights, 'mlp.fc2', { inputs: inner, outputs: width }),
            activation,
          },
        },
      ],
    ],
    head: { rows: 'first', ...(projection === undefined ? {} : { linear: projection }) },
  };
}

/** Most tokens of a text. */
export function siglipTextPositions(config: ConfigReader): number {
  return config.count('max_position_embeddings', 64);
}

function siglipText(config: ConfigReader, checkpoint: WeightReader): TextStack {
  const shape = readEncoderShape(config, SHAPE);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 32_000);
  const positions = siglipTextPositions(config);
  const outputs = config.count('projection_size', width);
  const weights = checkpoint.below(['text_model.', '']);
  return {
    positions,
    spec: {
      name: `${config.model} (text)`,
      width,
      tokens: {
        tokens: weights.take('embeddings.token_embedding.weight', [vocabulary, width]),
        positions: weights.take('embeddings.position_embedding.weight', [positions, width]),
      },
      layers: transformerLayers(weights, ['encoder.layers.'], CLIP_LAYER, shape, { norms: 'before' }),
      norm: layerNorm(weights, 'final_layer_norm', width, shape.epsilon),
      head: { rows: 'last', linear: linear(weights, 'head', { inputs: width, outputs }) },
    },
  };
}
