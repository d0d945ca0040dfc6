/**
 * GIT: CLIP's tower gives the rows of a picture, or of a video's frames, and one post-norm stack reads them before a text:
 * picture rows see each other, words see the picture and the words before. Positions count words only.
 * Checkpoints of transformers' GitForCausalLM.
 * Source: Wang et al., GIT: A Generative Image-to-text Transformer for Vision and Language (2022).
 */
import type { StackSpec } from '../../native/stack-spec.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import { BERT_BUFFERS, BERT_LAYER } from './bert.ts';
import { clipRows } from './clip.ts';

const SHAPE = { width: 768, layers: 6, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };
const VISION = {
  ...{ width: 768, layers: 12, heads: 12, inner: 3072, activation: 'quick_gelu', epsilon: 1e-5 },
  ...{ size: 224, patch: 16 },
};

export interface GitStacks {
  /** The rows of one picture, normalised. */
  readonly vision: PictureStack;
  /** What is added to the rows of each frame of a video, [frames, vision width]; none for a model of pictures. */
  readonly frames: readonly Float32Array[];
  /** Rows of pictures as the text's stack reads them. */
  readonly projection: StackSpec;
  /** Words with their positions. */
  readonly words: StackSpec;
  /** Reads rows; its head gives the logits of the next token. */
  readonly body: StackSpec;
  /** Most tokens of a text. */
  readonly positions: number;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`; rejects with `input/bad-file`. */
export async function git({ config, weights }: Checkpoint, rows: 'all' | 'last'): Promise<GitStacks> {
  const shape = readEncoderShape(config, SHAPE);
  const { width } = shape;
  const model = weights.below('git.');
  const pictures = config.section('vision_config');
  const vision = clipRows(pictures, model.below('image_encoder.'), { normed: true, defaults: VISION });
  const seen = vision.spec.width;
  const epsilon = pictures.number('layer_norm_eps', VISION.epsilon);
  const vocabulary = config.count('vocab_size', 30_522);
  const positions = config.count('max_position_embeddings', 1024);
  const tokens = model.take('embeddings.word_embeddings.weight', [vocabulary, width]);
  const isTied = config.flag('tie_word_embeddings', false) && !weights.has('output.weight');
  const part = (name: string) => `${config.model} (${name})`;
  const stacks: GitStacks = {
    vision,
    positions,
    frames: await Promise.all(
      Array.from({ length: config.id('num_image_with_embedding', 0) }, (_, frame) =>
        model.floats(`img_temporal_embedding.${frame}`, [1, 1, seen]),
      ),
    ),
    projection: {
      name: part('projection'),
      width: seen,
      layers: [],
      head: {
        rows: 'all',
        linear: linear(model, 'visual_projection.visual_projection.0', { inputs: seen, outputs: width }),
        more: [{ norm: layerNorm(model, 'visual_projection.visual_projection.1', width, epsilon) }],
      },
    },
    words: {
      name: part('words'),
      width,
      tokens: {
        tokens,
        positions: model.take('embeddings.position_embeddings.weight', [positions, width]),
        norm: layerNorm(model, 'embeddings.LayerNorm', width, shape.epsilon),
      },
      layers: [],
    },
    body: {
      name: config.model,
      width,
      layers: transformerLayers(model, ['encoder.layer.'], BERT_LAYER, shape, { norms: 'after', causal: true }),
      head: {
        rows,
        linear: {
          weight: isTied ? tokens : weights.take('output.weight', [vocabulary, width]),
          bias: weights.take('output.bias', [vocabulary]),
        },
      },
    },
  };
  weights.finish({ ignore: [BERT_BUFFERS] });
  return stacks;
}
