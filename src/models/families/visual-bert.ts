/**
 * VisualBERT: the words of a text and the regions of a picture in one BERT. A region is its detector's features,
 * projected, plus an embedding that says "seen" and the visual position 0, or the positions of the words it belongs to.
 * Checkpoints of transformers' VisualBertModel, VisualBertForPreTraining, VisualBertForQuestionAnswering,
 * VisualBertForVisualReasoning, VisualBertForMultipleChoice, VisualBertForRegionToPhraseAlignment.
 * Source: Li et al., VisualBERT: A Simple and Performant Baseline for Vision and Language (2019).
 */
import type { LinearSpec, NormSpec, StackSpec } from '../../native/stack-spec.ts';
import { bertEmbedding, embeddingStack } from '../blocks/bert-embedding.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type EncoderShape, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { denseTanh, vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { RowHeadSpec } from '../towers/row-head.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader, WeightRef } from '../weights/weight-reader.ts';
import { BERT_LAYER } from './bert.ts';

export const VISUAL_BERT_ARCHITECTURES = [
  'VisualBertForPreTraining',
  'VisualBertForQuestionAnswering',
  'VisualBertForVisualReasoning',
  'VisualBertForMultipleChoice',
  'VisualBertForRegionToPhraseAlignment',
  'VisualBertModel',
] as const;
export type VisualBertArchitecture = (typeof VISUAL_BERT_ARCHITECTURES)[number];

const DEFAULTS = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };
const TEXT = { vocabulary: 30_522, positions: 512, segments: 2 };

/** Buffers of old files, and the tied matrix and its bias under their second names. */
const UNUSED = [/\.embeddings\.position_ids$/, /^cls\.predictions\.(?:decoder\.\w+|bias)$/];
/** Parts of the alignment's checkpoints that it does not use: pretraining's heads, and values without a use. */
const UNUSED_ALIGNMENT = [/^cls\./, /^attention\.value\./];

export interface VisualBertParts {
  readonly architecture: VisualBertArchitecture;
  readonly text: TextStack;
  /** Numbers of a region's features. */
  readonly regionWidth: number;
  readonly projection: LinearSpec;
  /** Of the regions; the words' embedding has it too. */
  readonly norm: NormSpec;
  /** Over the rows of both; its head is the pooled first row. */
  readonly encoder: StackSpec;
  readonly heads: VisualBertHeads;
  /** float32 [segments, width]: what is added to a region of each segment, its visual position 0 included. */
  readonly regionSegments: Float32Array;
  /** float32 [positions, width]: the words' positions, for regions that belong to words. */
  readonly wordPositions: Float32Array;
}

export interface VisualBertHeads {
  /** Answers, truth of a statement, a choice, whether text and picture belong together. */
  readonly classes?: RowHeadSpec;
  /** Words for every row. */
  readonly vocabulary?: RowHeadSpec;
  /** Which region a phrase means: scores are products of the two. */
  readonly phrase?: RowHeadSpec;
  readonly region?: RowHeadSpec;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function visualBert({ config, weights }: Checkpoint, chosen?: string): Promise<VisualBertParts> {
  const architecture = readArchitecture(config, VISUAL_BERT_ARCHITECTURES, chosen);
  config.only('bypass_transformer', false);
  const shape = readEncoderShape(config, DEFAULTS);
  const { width } = shape;
  const model = weights.below(['visual_bert.', '']);
  const embeddings = model.below('embeddings.');
  const words = bertEmbedding(config, embeddings, { ...shape, ...TEXT });
  const regionWidth = config.count('visual_embedding_dim', 512);
  const parts: VisualBertParts = {
    architecture,
    text: embeddingStack(`${config.model} (text)`, width, words),
    regionWidth,
    projection: linear(embeddings, 'visual_projection', { inputs: regionWidth, outputs: width }),
    norm: layerNorm(embeddings, 'LayerNorm', width, shape.epsilon),
    encoder: {
      name: config.model,
      width,
      layers: transformerLayers(model, ['encoder.layer.'], BERT_LAYER, shape, { norms: 'after' }),
      head: { rows: 'first', ...denseTanh(model, 'pooler.dense', width) },
    },
    heads: headsOf(architecture, config, weights, shape, words.tokens),
    regionSegments: await regionSegments(embeddings, words, width),
    wordPositions: await embeddings.floats('position_embeddings.weight', words.positions.shape),
  };
  const isAlignment = architecture === 'VisualBertForRegionToPhraseAlignment';
  weights.finish({ ignore: [...UNUSED, ...(isAlignment ? UNUSED_ALIGNMENT : [])] });
  return parts;
}

async function regionSegments(
  weights: WeightReader,
  { positions, segments }: { readonly positions: WeightRef; readonly segments?: { readonly shape: readonly number[] } },
  width: number,
): Promise<Float32Array> {
  const rows = await weights.floats('visual_token_type_embeddings.weight', segments!.shape);
  const first = await weights.floats('visual_position_embeddings.weight', positions.shape);
  return rows.map((value, index) => value + first[index % width]!);
}

function headsOf(
  architecture: VisualBertArchitecture,
  config: ConfigReader,
  weights: WeightReader,
  { width, heads, activation, epsilon }: EncoderShape,
  tokens: WeightRef,
): VisualBertHeads {
  const head = (name: string, outputs: number): RowHeadSpec => ({
    name: `${config.model} (${name})`,
    width,
    steps: [{ linear: linear(weights, name, { inputs: width, outputs }) }],
  });
  switch (architecture) {
    case 'VisualBertForQuestionAnswering':
    case 'VisualBertForVisualReasoning':
      return { classes: head('cls', readLabelCount(config)) };
    case 'VisualBertForMultipleChoice':
      return { classes: head('cls', 1) };
    case 'VisualBertForRegionToPhraseAlignment':
      // One head, of the size that one of the transformer's has.
      return { phrase: head('attention.query', width / heads), region: head('attention.key', width / heads) };
    case 'VisualBertForPreTraining': {
      const names = {
        dense: 'cls.predictions.transform.dense',
        norm: 'cls.predictions.transform.LayerNorm',
        decoder: 'cls.predictions.decoder.weight',
        // Of two, transformers adds the matrix's own.
        bias: ['cls.predictions.decoder.bias', 'cls.predictions.bias'],
      };
      const tied = config.flag('tie_word_embeddings', true) ? { tied: tokens } : {};
      const steps = vocabularyHead(weights, names, {
        width,
        vocabulary: tokens.shape[0]!,
        activation,
        epsilon,
        ...tied,
      });
      return {
        classes: head('cls.seq_relationship', 2),
        vocabulary: { name: `${config.model} (cls.predictions)`, width, steps },
      };
    }
    case 'VisualBertModel':
      return {};
  }
}
