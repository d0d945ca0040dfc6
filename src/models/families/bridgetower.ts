/**
 * BridgeTower: a RoBERTa of texts, a CLIP tower of pictures, and cross layers above them. Every cross layer reads, through
 * a bridge, what the layers of both towers at its height gave: z = norm(W tower + type (+) z'), where z' is what the
 * cross layer below gave and (+) a sum, a sum with a learned factor, or a learned mean.
 * Checkpoints of transformers' BridgeTowerModel, BridgeTowerForMaskedLM, BridgeTowerForImageAndTextRetrieval,
 * BridgeTowerForContrastiveLearning.
 * Source: Xu et al., BridgeTower: Building Bridges Between Encoders in Vision-Language Representation Learning (2022).
 */
import type { StackSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { bertEmbedding } from '../blocks/bert-embedding.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { linear } from '../blocks/linear.ts';
import {
  type EncoderShape,
  readEncoderShape,
  transformerLayer,
  transformerLayers,
} from '../blocks/transformer-layer.ts';
import { denseTanh, vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { DualEncoderStacks } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { RowHeadSpec } from '../towers/row-head.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader, WeightRef } from '../weights/weight-reader.ts';
import { BERT_LAYER, placeAfter } from './bert.ts';
import { type BridgeSide, readBridge } from './bridgetower-bridge.ts';
import { bridgeTowerVision } from './bridgetower-vision.ts';

export const BRIDGETOWER_ARCHITECTURES = [
  'BridgeTowerModel',
  'BridgeTowerForMaskedLM',
  'BridgeTowerForImageAndTextRetrieval',
  'BridgeTowerForContrastiveLearning',
] as const;
export type BridgeTowerArchitecture = (typeof BRIDGETOWER_ARCHITECTURES)[number];

const TEXT = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-5 };
const WORDS = { vocabulary: 50_265, positions: 514, segments: 1 };

/** Buffers of old files, the pooler of the text tower alone, norms that only the picture tower alone uses. */
const UNUSED = [
  /\.position_ids$/,
  /(?:^|\.)text_model\.(?:pooler\.|embeddings\.token_type_ids$)/,
  /\.visual\.ln_separate\./,
];
/** Heads of other classes, which files that were trained for several hold. */
const HEADS = /^(?:mlm_score|itm_score|itc_\w+_head)\.|^logit_scale$/;

export interface BridgeTowerParts {
  readonly architecture: BridgeTowerArchitecture;
  readonly text: TextStack;
  readonly vision: PictureStack;
  /** Layers of each tower below the first cross layer. */
  readonly split: number;
  readonly bridges: { readonly text: BridgeSide; readonly image: BridgeSide };
  /** One stack for each side of each cross layer; its memory is the other side. */
  readonly cross: readonly { readonly text: StackSpec; readonly image: StackSpec }[];
  readonly poolers: { readonly text: RowHeadSpec; readonly image: RowHeadSpec };
  readonly heads: BridgeTowerHeads;
  /** Of contrastive checkpoints, as stored: the logarithm of what cosines are multiplied with. */
  readonly logitScale: number | undefined;
}

export interface BridgeTowerHeads {
  /** Of the rows of the text. */
  readonly vocabulary?: RowHeadSpec;
  /** Of both pooled rows: no match, match. */
  readonly matching?: RowHeadSpec;
  /** Projections of contrastive checkpoints: of the text tower, the picture's bridge, both pooled rows. */
  readonly textEmbedding?: RowHeadSpec;
  readonly imageEmbedding?: RowHeadSpec;
  readonly crossEmbedding?: RowHeadSpec;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function bridgeTower({ config, weights }: Checkpoint, chosen?: string): Promise<BridgeTowerParts> {
  const architecture = readArchitecture(config, BRIDGETOWER_ARCHITECTURES, chosen);
  const textConfig = config.section('text_config');
  const shape = readEncoderShape(textConfig, TEXT);
  const width = config.count('hidden_size', 768);
  if (width !== shape.width) config.bad('hidden_size', `${shape.width}, as in "text_config",`, width);
  const count = config.count('num_hidden_layers', 6);
  const most = shape.layers + 1;
  if (count > most) config.bad('num_hidden_layers', `at most ${most}, one more than the text tower has,`, count);
  const model = weights.below(['bridgetower.', '']);
  const { text, tokens } = textTower(config.model, textConfig, model.below('text_model.'), shape);
  const vision = bridgeTowerVision(config.section('vision_config'), model.below('vision_model.visual.'), shape.layers);
  const side = (name: 'text' | 'image', inputs: number) =>
    readBridge(config, model, { side: name, inputs, width, count });
  const stack = (name: string) => ({ name: `${config.model} (${name})`, width });
  const crossLayer = (name: 'text' | 'image', layer: number): StackSpec => ({
    ...stack(`cross layer ${layer}, ${name}`),
    layers: [
      transformerLayer(model.below(`cross_modal_${name}_layers.${layer}.`), BERT_LAYER, shape, {
        norms: 'after',
        memoryWidth: width,
      }),
    ],
  });
  const pooler = (name: 'text' | 'image'): RowHeadSpec => ({
    ...stack(`${name} pooler`),
    steps: [denseTanh(model, `cross_modal_${name}_pooler.dense`, width)],
  });
  const isContrastive = architecture === 'BridgeTowerForContrastiveLearning';
  const parts: BridgeTowerParts = {
    architecture,
    text,
    vision: vision.stack,
    split: shape.layers - count + 1,
    bridges: { text: await side('text', width), image: await side('image', vision.stack.spec.width) },
    cross: Array.from({ length: count }, (_, layer) => ({
      text: crossLayer('text', layer),
      image: crossLayer('image', layer),
    })),
    poolers: { text: pooler('text'), image: pooler('image') },
    heads: headsOf(architecture, config, weights, width, tokens),
    logitScale: isContrastive ? (await weights.floats('logit_scale', []))[0] : undefined,
  };
  weights.finish({ ignore: [...UNUSED, HEADS, vision.unused] });
  return parts;
}

/**
 * The towers of a contrastive checkpoint with their projections, which need no cross layers: of the first token, and of
 * what the bridge makes of the class token.
 */
export function contrastiveTowers({ text, vision, bridges, heads, logitScale }: BridgeTowerParts): DualEncoderStacks {
  const [project] = heads.textEmbedding!.steps;
  const [bridge] = bridges.image.transforms[0]!.steps;
  const [{ shape: [dim = 0] = [] } = {}] = project.linear!.weight as readonly WeightRef[];
  return {
    text: { ...text, spec: { ...text.spec, head: { rows: 'first', ...project } } },
    vision: {
      ...vision,
      spec: { ...vision.spec, head: { rows: 'first', ...bridge, more: heads.imageEmbedding!.steps } },
    },
    dim,
    similarity: { scale: Math.exp(logitScale!) },
  };
}

function textTower(model: string, config: ConfigReader, weights: WeightReader, shape: EncoderShape) {
  config.only('is_decoder', false);
  config.only('add_cross_attention', false);
  config.only('position_embedding_type', 'absolute');
  const tokens = bertEmbedding(config, weights.below('embeddings.'), { ...shape, ...WORDS });
  const padding = config.id('pad_token_id', 1);
  const text: TextStack = {
    positions: tokens.positions.shape[0]! - padding - 1,
    place: placeAfter(padding),
    spec: {
      name: `${model} (text)`,
      width: shape.width,
      tokens,
      layers: transformerLayers(weights, ['encoder.layer.'], BERT_LAYER, shape, { norms: 'after' }),
    },
  };
  return { text, tokens: tokens.tokens };
}

function headsOf(
  architecture: BridgeTowerArchitecture,
  config: ConfigReader,
  weights: WeightReader,
  width: number,
  tokens: WeightRef,
): BridgeTowerHeads {
  const head = (name: string, inputs: number, outputs: number): RowHeadSpec => ({
    name: `${config.model} (${name})`,
    width: inputs,
    steps: [{ linear: linear(weights, name, { inputs, outputs }) }],
  });
  switch (architecture) {
    case 'BridgeTowerModel':
      return {};
    case 'BridgeTowerForImageAndTextRetrieval':
      return { matching: head('itm_score.fc', 2 * width, 2) };
    case 'BridgeTowerForContrastiveLearning': {
      // The picture's embedding is that of the one bridge of all layers.
      config.only('share_cross_modal_transformer_layers', true);
      const dim = config.count('contrastive_hidden_size');
      return {
        textEmbedding: head('itc_text_head.fc', width, dim),
        imageEmbedding: head('itc_image_head.fc', width, dim),
        crossEmbedding: head('itc_cross_modal_head.fc', 2 * width, dim),
      };
    }
    case 'BridgeTowerForMaskedLM': {
      const names = {
        dense: 'mlm_score.transform.dense',
        norm: 'mlm_score.transform.LayerNorm',
        decoder: 'mlm_score.decoder.weight',
        bias: ['mlm_score.bias', 'mlm_score.decoder.bias'],
      };
      const activation = readActivation(config, 'hidden_act', 'gelu');
      const epsilon = config.number('layer_norm_eps', 1e-5);
      const tied = config.flag('tie_word_embeddings', false) ? { tied: tokens } : {};
      const shape = { width, vocabulary: tokens.shape[0]!, activation, epsilon, ...tied };
      const steps = vocabularyHead(weights, names, shape);
      return { vocabulary: { name: `${config.model} (words)`, width, steps } };
    }
  }
}
