/**
 * ViLT: words and patches of a picture in one pre-norm transformer. Patches are projected linearly, without a tower of
 * their own; each part has a row of the modality table added: 0 is text, 1 the picture, 2 the second picture of a pair.
 * Checkpoints of transformers' ViltModel, ViltForQuestionAnswering, ViltForImageAndTextRetrieval, ViltForMaskedLM,
 * ViltForImagesAndTextClassification.
 * Source: Kim et al., ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision (2021).
 */
import type { HeadStepSpec, StackSpec } from '../../native/stack-spec.ts';
import { bertEmbedding, embeddingStack } from '../blocks/bert-embedding.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type PictureShape, readPictureShape } from '../blocks/patches.ts';
import { type EncoderShape, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { denseTanh, vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { RowHeadSpec } from '../towers/row-head.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader, WeightRef } from '../weights/weight-reader.ts';
import { VIT_LAYER } from './vit.ts';

export const VILT_ARCHITECTURES = [
  'ViltForQuestionAnswering',
  'ViltForImageAndTextRetrieval',
  'ViltForMaskedLM',
  'ViltForImagesAndTextClassification',
  'ViltModel',
] as const;
export type ViltArchitecture = (typeof VILT_ARCHITECTURES)[number];

const DEFAULTS = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };
const TEXT = { vocabulary: 30_522, positions: 40, segments: 2 };
/** Of the norm inside classifiers, whatever the configuration says. */
const CLASSIFIER_EPSILON = 1e-5;

/** Buffers of old files; and the other spelling of the masked language model's bias and its tied matrix. */
const UNUSED = [/\.text_embeddings\.(?:position_ids|token_type_ids)$/, /^mlm_score\.(?:decoder\.)?bias$/];

export interface ViltParts {
  readonly architecture: ViltArchitecture;
  /** Words, positions and segments, normalised. */
  readonly text: TextStack;
  /** Patches, projected; no positions yet. */
  readonly patches: PictureStack;
  /** Over the rows of both; its head is the pooled first row. */
  readonly encoder: StackSpec;
  /** Over the pooled rows of all pictures, or every row of the text for a masked language model. */
  readonly head: RowHeadSpec | undefined;
  readonly picture: PictureShape;
  /** Pictures that belong to one text. */
  readonly pictures: number;
  /** Most patches of one picture. */
  readonly mostPatches: number;
  /** float32 [1 + grid, width]: positions of the class token and of the patches. */
  readonly positions: Float32Array;
  /** float32 [width]. */
  readonly classToken: Float32Array;
  /** float32 [modalities, width]. */
  readonly modalities: Float32Array;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function vilt({ config, weights }: Checkpoint, chosen?: string): Promise<ViltParts> {
  const architecture = readArchitecture(config, VILT_ARCHITECTURES, chosen);
  const shape = readEncoderShape(config, DEFAULTS);
  const picture = readPictureShape(config, { size: 384, patch: 32 });
  const model = weights.below(['vilt.', '']);
  const embeddings = model.below('embeddings.');
  const pictures = architecture === 'ViltForImagesAndTextClassification' ? config.count('num_images') : 1;
  const modalities = config.count('modality_type_vocab_size', 2);
  if (modalities <= pictures) {
    config.bad('modality_type_vocab_size', `at least ${pictures + 1}, for text and ${pictures} pictures,`, modalities);
  }
  const words = bertEmbedding(config, embeddings.below('text_embeddings.'), { ...shape, ...TEXT });
  const head = headSteps(architecture, config, weights, shape, pictures, words.tokens);
  const patches = picture.grid[0] * picture.grid[1];
  const parts: ViltParts = {
    architecture,
    text: embeddingStack(`${config.model} (text)`, shape.width, words),
    patches: patchProjection(config, embeddings, picture, shape.width),
    encoder: {
      name: config.model,
      width: shape.width,
      layers: transformerLayers(model, ['encoder.layer.'], VIT_LAYER, shape, {
        norms: 'before',
        queryKeyValueBias: config.flag('qkv_bias', true),
      }),
      norm: layerNorm(model, 'layernorm', shape.width, shape.epsilon),
      head: { rows: 'first', ...denseTanh(model, 'pooler.dense', shape.width) },
    },
    head:
      head === undefined ? undefined : { name: `${config.model} (head)`, width: pictures * shape.width, steps: head },
    picture,
    pictures,
    mostPatches: readMostPatches(config),
    positions: await embeddings.floats('position_embeddings', [1, 1 + patches, shape.width]),
    classToken: await embeddings.floats('cls_token', [1, 1, shape.width]),
    modalities: await embeddings.floats('token_type_embeddings.weight', [modalities, shape.width]),
  };
  weights.finish({ ignore: UNUSED });
  return parts;
}

/** transformers draws that many patches at random where a picture has more; here such a picture is refused. */
function readMostPatches(config: ConfigReader): number {
  return config.number('max_image_length', -1) < 0 ? Number.POSITIVE_INFINITY : config.count('max_image_length');
}

function patchProjection(
  config: ConfigReader,
  weights: WeightReader,
  { channels, size, patch }: PictureShape,
  width: number,
): PictureStack {
  const project = {
    weight: weights.take('patch_embeddings.projection.weight', [width, channels, ...patch]),
    bias: weights.take('patch_embeddings.projection.bias', [width]),
  };
  const spec = { name: `${config.model} (patches)`, width, patches: { project }, layers: [] };
  return { channels, size, anySize: true, spec };
}

function headSteps(
  architecture: ViltArchitecture,
  config: ConfigReader,
  weights: WeightReader,
  { width, activation, epsilon }: EncoderShape,
  pictures: number,
  tokens: WeightRef,
): readonly [HeadStepSpec, ...HeadStepSpec[]] | undefined {
  switch (architecture) {
    case 'ViltForQuestionAnswering':
      return classifier(weights, width, 2 * width, readLabelCount(config));
    case 'ViltForImagesAndTextClassification':
      return classifier(weights, pictures * width, pictures * width, readLabelCount(config));
    case 'ViltForImageAndTextRetrieval':
      return [{ linear: linear(weights, 'rank_output', { inputs: width, outputs: 1 }) }];
    case 'ViltForMaskedLM': {
      const names = {
        dense: 'mlm_score.transform.dense',
        norm: 'mlm_score.transform.LayerNorm',
        decoder: 'mlm_score.decoder.weight',
        bias: ['mlm_score.decoder.bias', 'mlm_score.bias'],
      };
      return vocabularyHead(weights, names, { width, vocabulary: tokens.shape[0]!, activation, epsilon, tied: tokens });
    }
    case 'ViltModel':
      return undefined;
  }
}

/** W2 gelu(norm(W1 x + b1)) + b2. */
function classifier(
  weights: WeightReader,
  inputs: number,
  inner: number,
  labels: number,
): readonly [HeadStepSpec, ...HeadStepSpec[]] {
  return [
    { linear: linear(weights, 'classifier.0', { inputs, outputs: inner }) },
    { norm: layerNorm(weights, 'classifier.1', inner, CLASSIFIER_EPSILON), activation: 'gelu' },
    { linear: linear(weights, 'classifier.3', { inputs: inner, outputs: labels }) },
  ];
}
