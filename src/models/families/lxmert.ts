/**
 * LXMERT: a language stream and a stream of regions, each with layers of its own, then layers in which both read each
 * other. A cross layer has one attention for both directions, and both read the streams as they were.
 * Checkpoints of transformers' LxmertModel, LxmertForPreTraining, LxmertForQuestionAnswering.
 * Source: Tan and Bansal, LXMERT: Learning Cross-Modality Encoder Representations from Transformers (2019).
 */
import type { HeadStepSpec, StackSpec, SublayerSpec, WeightData } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { bertEmbedding } from '../blocks/bert-embedding.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import {
  type LayerNames,
  type LayerShape,
  readHeads,
  transformerLayer,
  transformerLayers,
} from '../blocks/transformer-layer.ts';
import { denseTanh, vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { RowHeadSpec } from '../towers/row-head.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader, WeightRef } from '../weights/weight-reader.ts';
import { BERT_LAYER } from './bert.ts';

export const LXMERT_ARCHITECTURES = ['LxmertForPreTraining', 'LxmertForQuestionAnswering', 'LxmertModel'] as const;
export type LxmertArchitecture = (typeof LXMERT_ARCHITECTURES)[number];

/** Of all norms, whatever the configuration says. */
const EPSILON = 1e-12;
const TEXT = { vocabulary: 30_522, positions: 512, segments: 2, epsilon: EPSILON };

/** Buffers of old files, the tied matrix under its second name, and pretraining's heads beside another one. */
const UNUSED = [/\.embeddings\.position_ids$/, /^cls\.predictions\.decoder\.weight$/];
const UNUSED_HEADS = [/^cls\./, /^obj_predict_head\./];

export interface LxmertParts {
  readonly architecture: LxmertArchitecture;
  /** Words and the layers of language. */
  readonly text: TextStack;
  /** What a region's features and its box become; the two are added. */
  readonly features: RowHeadSpec;
  readonly boxes: RowHeadSpec;
  /** The layers of regions. */
  readonly regions: StackSpec;
  /** One stack for each direction of each layer; its first memory is the other stream. */
  readonly cross: readonly { readonly language: StackSpec; readonly regions: StackSpec }[];
  readonly pooler: RowHeadSpec;
  readonly heads: LxmertHeads;
}

export interface LxmertHeads {
  /** Of the pooled row: answers, and whether text and picture belong together. */
  readonly answers?: RowHeadSpec;
  readonly matching?: RowHeadSpec;
  /** Of the language stream: words. */
  readonly vocabulary?: RowHeadSpec;
  /** Of the regions' stream: what they show, what it is like, and their features again. */
  readonly objects?: RowHeadSpec;
  readonly attributes?: RowHeadSpec;
  readonly reconstruction?: RowHeadSpec;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function lxmert({ config, weights }: Checkpoint, chosen?: string): Promise<LxmertParts> {
  const architecture = readArchitecture(config, LXMERT_ARCHITECTURES, chosen);
  const shape = readShape(config);
  const { width } = shape;
  const model = weights.below(['lxmert.', '']);
  const tokens = bertEmbedding(config, model.below('embeddings.'), { ...TEXT, width });
  const encoder = model.below('encoder.');
  const layers = (count: string, absent: number, prefix: string) =>
    transformerLayers(
      encoder,
      [prefix],
      BERT_LAYER,
      { ...shape, layers: config.id(count, absent) },
      { norms: 'after' },
    );
  const seen = encoder.below('visn_fc.');
  const projected = (name: string, norm: string, inputs: number) => regionSteps(seen, name, norm, inputs, width);
  const featureWidth = config.count('visual_feat_dim', 2048);
  const boxWidth = config.count('visual_pos_dim', 4);
  const stack = (name: string) => ({ name: `${config.model} (${name})`, width });
  const parts: LxmertParts = {
    architecture,
    text: {
      positions: tokens.positions.shape[0]!,
      spec: { ...stack('language'), tokens, layers: layers('l_layers', 9, 'layer.') },
    },
    features: {
      ...stack('features'),
      width: featureWidth,
      steps: await projected('visn_fc', 'visn_layer_norm', featureWidth),
    },
    boxes: { ...stack('boxes'), width: boxWidth, steps: await projected('box_fc', 'box_layer_norm', boxWidth) },
    regions: { ...stack('regions'), layers: layers('r_layers', 5, 'r_layers.') },
    cross: Array.from({ length: config.id('x_layers', 5) }, (_, layer) => {
      const one = encoder.below(`x_layers.${layer}.`);
      return {
        language: { ...stack(`cross layer ${layer}, language`), layers: [crossLayer(one, 'lang', shape)] },
        regions: { ...stack(`cross layer ${layer}, regions`), layers: [crossLayer(one, 'visn', shape)] },
      };
    }),
    pooler: { ...stack('pooler'), steps: [denseTanh(model, 'pooler.dense', width)] },
    heads: headsOf(architecture, config, weights, shape, tokens.tokens),
  };
  weights.finish({ ignore: [...UNUSED, ...(architecture === 'LxmertForPreTraining' ? [] : UNUSED_HEADS)] });
  return parts;
}

function readShape(config: ConfigReader): LayerShape {
  const width = config.count('hidden_size', 768);
  return {
    width,
    heads: readHeads(config, 'num_attention_heads', 12, width),
    inner: config.count('intermediate_size', 3072),
    activation: readActivation(config, 'hidden_act', 'gelu'),
    epsilon: EPSILON,
  };
}

/** Half of norm(W x + b): the mean of the two is the sum of their halves. */
async function regionSteps(
  weights: WeightReader,
  name: string,
  norm: string,
  inputs: number,
  width: number,
): Promise<RowHeadSpec['steps']> {
  const half = async (part: string): Promise<WeightData> => {
    const data = await weights.floats(`${norm}.${part}`, [width]);
    return { data: data.map((value) => value / 2), shape: [width] };
  };
  return [
    { linear: linear(weights, name, { inputs, outputs: width }) },
    { norm: { weight: await half('weight'), bias: await half('bias'), epsilon: EPSILON } },
  ];
}

/** The other stream, then its own, then the feed-forward network. The first attention is the same for both sides. */
function crossLayer(weights: WeightReader, side: 'lang' | 'visn', shape: LayerShape): readonly SublayerSpec[] {
  const names: LayerNames = {
    attention: {
      query: `${side}_self_att.self.query`,
      key: `${side}_self_att.self.key`,
      value: `${side}_self_att.self.value`,
    },
    attentionOutput: `${side}_self_att.output.dense`,
    attentionNorm: `${side}_self_att.output.LayerNorm`,
    up: `${side}_inter.dense`,
    down: `${side}_output.dense`,
    feedForwardNorm: `${side}_output.LayerNorm`,
    cross: {
      query: 'visual_attention.att.query',
      keyValue: { key: 'visual_attention.att.key', value: 'visual_attention.att.value' },
      output: 'visual_attention.output.dense',
      norm: 'visual_attention.output.LayerNorm',
    },
  };
  const kind = { norms: 'after', memoryWidth: shape.width } as const;
  const [own, other, feedForward] = transformerLayer(weights, names, shape, kind);
  return [other!, own!, feedForward!];
}

function headsOf(
  architecture: LxmertArchitecture,
  config: ConfigReader,
  weights: WeightReader,
  shape: LayerShape,
  tokens: WeightRef,
): LxmertHeads {
  const { width, activation } = shape;
  const head = (name: string, steps: RowHeadSpec['steps']): RowHeadSpec => ({
    name: `${config.model} (${name})`,
    width,
    steps,
  });
  const answers = () => head('answers', answerSteps(weights, width, config.count('num_qa_labels', 9500)));
  if (architecture === 'LxmertModel') return {};
  if (architecture === 'LxmertForQuestionAnswering') return { answers: answers() };
  const names = {
    dense: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    decoder: 'cls.predictions.decoder.weight',
    bias: 'cls.predictions.bias',
  };
  const vocabulary = tokens.shape[0]!;
  const tied = config.flag('tie_word_embeddings', true) ? { tied: tokens } : {};
  const words = vocabularyHead(weights, names, { width, vocabulary, activation, epsilon: EPSILON, ...tied });
  const matching = linear(weights, 'cls.seq_relationship', { inputs: width, outputs: 2 });
  return {
    vocabulary: head('words', words),
    matching: head('matching', [{ linear: matching }]),
    ...(config.flag('task_qa', true) ? { answers: answers() } : {}),
    ...(config.flag('task_obj_predict', true) ? objectHeads(config, weights, shape, head) : {}),
  };
}

/** W2 norm(gelu(W1 x + b1)) + b2, with this activation whatever the configuration says. */
function answerSteps(weights: WeightReader, width: number, labels: number): RowHeadSpec['steps'] {
  const inner = 2 * width;
  return [
    { linear: linear(weights, 'answer_head.logit_fc.0', { inputs: width, outputs: inner }), activation: 'gelu' },
    {
      norm: layerNorm(weights, 'answer_head.logit_fc.2', inner, EPSILON),
      linear: linear(weights, 'answer_head.logit_fc.3', { inputs: inner, outputs: labels }),
    },
  ];
}

function objectHeads(
  config: ConfigReader,
  weights: WeightReader,
  { width, activation }: LayerShape,
  head: (name: string, steps: RowHeadSpec['steps']) => RowHeadSpec,
): LxmertHeads {
  const own = weights.below('obj_predict_head.');
  const dense: HeadStepSpec = { linear: linear(own, 'transform.dense', { inputs: width, outputs: width }), activation };
  const norm = layerNorm(own, 'transform.LayerNorm', width, EPSILON);
  const decoder = (name: string, outputs: number): RowHeadSpec =>
    head(name, [dense, { norm, linear: linear(own, `decoder_dict.${name}`, { inputs: width, outputs }) }]);
  return {
    ...(config.flag('visual_obj_loss', true)
      ? { objects: decoder('obj', config.count('num_object_labels', 1600)) }
      : {}),
    ...(config.flag('visual_attr_loss', true)
      ? { attributes: decoder('attr', config.count('num_attr_labels', 400)) }
      : {}),
    ...(config.flag('visual_feat_loss', true)
      ? { reconstruction: decoder('feat', config.count('visual_feat_dim', 2048)) }
      : {}),
  };
}
