/**
 * FLAVA: a ViT of pictures, a transformer of the same kind for texts, and a third one over both: its own class token, the
 * pictures' rows, the texts' rows, each as they are before their tower's last norm and projected to its width.
 * Checkpoints of transformers' FlavaModel and FlavaForPreTraining.
 * Source: Singh et al., FLAVA: A Foundational Language And Vision Alignment Model (2021).
 */
import type { HeadSpec, LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { bertEmbedding } from '../blocks/bert-embedding.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type EncoderShape, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { denseTanh, vocabularyHead } from '../blocks/vocabulary-head.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import { type Heads, type Similarity, storedScale } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { RowHeadSpec } from '../towers/row-head.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { BERT_BUFFERS } from './bert.ts';
import { towerConfig } from './clip.ts';
import { type CodebookSpec, flavaCodebook } from './flava-codebook.ts';
import { VIT_LAYER, vitTower } from './vit.ts';

/** Of pretraining: masked patches and words alone, masked ones beside the other kind, and whether the two match. */
export type FlavaHead = 'mim' | 'mlm' | 'mmm_image' | 'mmm_text' | 'itm';

export interface FlavaParts {
  readonly architecture: FlavaArchitecture;
  /** Heads give the first row, projected or pooled as asked. */
  readonly image: PictureStack;
  readonly text: TextStack;
  /** Its head gives the pooled first row. */
  readonly multimodal: StackSpec;
  /** Of the multimodal transformer, where it has one of its own. */
  readonly classToken: Float32Array | undefined;
  /** What the tower of pictures adds to its patches: [width] before them, and [1 + patches, width] onto all rows. */
  readonly imageRows: { readonly classToken: Float32Array; readonly positions: Float32Array };
  /** What stands for a masked patch. */
  readonly maskToken: Float32Array | undefined;
  /** Rows before the last norms to the multimodal transformer's. */
  readonly imageToMultimodal: LinearSpec;
  readonly textToMultimodal: LinearSpec;
  /** Rows after the last norms to the space that pictures and texts share. */
  readonly imageProjection: LinearSpec;
  readonly textProjection: LinearSpec;
  readonly dim: number;
  readonly similarity: Similarity;
  /** Of FlavaForPreTraining. */
  readonly heads: { readonly [Name in FlavaHead]?: RowHeadSpec };
  /** Where the checkpoint holds it. */
  readonly codebook: CodebookSpec | undefined;
}

const ARCHITECTURES = ['FlavaModel', 'FlavaForPreTraining'] as const;
export type FlavaArchitecture = (typeof ARCHITECTURES)[number];

const IMAGE = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };
const MULTIMODAL = { ...IMAGE, layers: 6 };
const IMAGE_VOCABULARY = 8192;
const TEXT_VOCABULARY = 30_522;
const PROJECTION = 768;

/** Heads and the codebook, which a bare model does not have; biases that decoders have under another name too. */
const HEADS = [/^(?:mim|mlm|mmm_image|mmm_text|itm)_head\./, /^image_codebook\./];
const TIED_BIASES = /^(?:mim|mlm|mmm_image|mmm_text)_head\.(?:decoder\.)?bias$/;

/** Of the towers, which nothing reads where their rows are projected. */
const POOLERS = /(?:^|\.)(?:image|text)_model\.pooler\./;

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function flava(
  { config, weights }: Checkpoint,
  architecture?: string,
  heads: Heads = 'projected',
): Promise<FlavaParts> {
  const chosen = readArchitecture(config, ARCHITECTURES, architecture);
  const model = weights.below(['flava.', '']);
  const imageConfig = towerConfig(config, 'image');
  const textConfig = towerConfig(config, 'text');
  const multimodalConfig = towerConfig(config, 'multimodal');
  const dim = config.count('projection_dim', PROJECTION);
  const width = multimodalConfig.count('hidden_size', MULTIMODAL.width);
  const project: MakeHead = (weights, name, inputs) =>
    heads === 'pooled'
      ? pooler(weights, inputs)
      : { rows: 'first', linear: linear(model, `${name}_projection`, { inputs, outputs: dim }) };
  const image = imageTower(imageConfig, model.below('image_model.'), project);
  const text = textTower(textConfig, model.below('text_model.'), project);
  const multimodalWeights = model.below('multimodal_model.');
  const to = (name: string, inputs: number, outputs: number) => linear(model, name, { inputs, outputs });
  const isPreTraining = chosen === 'FlavaForPreTraining';
  const parts: FlavaParts = {
    architecture: chosen,
    image,
    text,
    multimodal: multimodalStack(multimodalConfig, multimodalWeights),
    classToken: multimodalConfig.flag('use_cls_token', true)
      ? await multimodalWeights.floats('cls_token', [1, 1, width])
      : undefined,
    imageRows: await imageRows(image, model.below('image_model.embeddings.')),
    maskToken: imageConfig.flag('mask_token', true)
      ? await model.floats('image_model.embeddings.mask_token', [1, 1, image.spec.width])
      : undefined,
    imageToMultimodal: to('image_to_mm_projection', image.spec.width, width),
    textToMultimodal: to('text_to_mm_projection', text.spec.width, width),
    imageProjection: to('image_projection', image.spec.width, dim),
    textProjection: to('text_projection', text.spec.width, dim),
    dim,
    similarity: { scale: await storedScale(model) },
    heads: isPreTraining ? readHeads(config, weights, width) : {},
    codebook: isPreTraining && config.flag('init_codebook', true) ? flavaCodebook(config, weights) : undefined,
  };
  const ignored = isPreTraining ? [POOLERS, TIED_BIASES] : [POOLERS, ...HEADS];
  weights.finish({ ignore: [BERT_BUFFERS, /(?:^|\.)embeddings\.mask_token$/, ...ignored] });
  return parts;
}

/** What a tower's head is, by its weights, its name and its width. */
type MakeHead = (weights: WeightReader, name: 'image' | 'text', width: number) => HeadSpec;

function imageTower(config: ConfigReader, weights: WeightReader, makeHead: MakeHead): PictureStack {
  const width = config.count('hidden_size', IMAGE.width);
  const tower = vitTower(config, weights, 'vit', makeHead(weights, 'image', width));
  return { ...tower, spec: { ...tower.spec, name: `${config.model} (image)` } };
}

async function imageRows({ spec }: PictureStack, weights: WeightReader): Promise<FlavaParts['imageRows']> {
  const rows = spec.patches?.positions?.shape[1] ?? 0;
  return {
    classToken: await weights.floats('cls_token', [1, 1, spec.width]),
    positions: await weights.floats('position_embeddings', [1, rows, spec.width]),
  };
}

function textTower(config: ConfigReader, weights: WeightReader, makeHead: MakeHead): TextStack {
  const shape = readEncoderShape(config, IMAGE);
  const { width, epsilon } = shape;
  const embedding = { width, epsilon, vocabulary: TEXT_VOCABULARY, positions: 512, segments: 2 };
  const tokens = bertEmbedding(config, weights.below('embeddings.'), embedding);
  return {
    positions: tokens.positions.shape[0]!,
    spec: {
      name: `${config.model} (text)`,
      tokens,
      ...encoder(config, weights, shape),
      head: makeHead(weights, 'text', width),
    },
  };
}

function multimodalStack(config: ConfigReader, weights: WeightReader): StackSpec {
  const shape = readEncoderShape(config, MULTIMODAL);
  return {
    name: `${config.model} (multimodal)`,
    ...encoder(config, weights, shape),
    head: pooler(weights, shape.width),
  };
}

/** ViT's layers and its last norm. */
function encoder(config: ConfigReader, weights: WeightReader, shape: EncoderShape): Omit<StackSpec, 'name'> {
  const queryKeyValueBias = config.flag('qkv_bias', true);
  return {
    width: shape.width,
    layers: transformerLayers(weights, ['encoder.layer.', 'encoder.layers.'], VIT_LAYER, shape, {
      norms: 'before',
      queryKeyValueBias,
    }),
    norm: layerNorm(weights, 'layernorm', shape.width, shape.epsilon),
  };
}

function pooler(weights: WeightReader, width: number): HeadSpec {
  return { rows: 'first', ...denseTanh(weights, 'pooler.dense', width) };
}

/** All of them read rows of one width: that of the multimodal transformer is the same as its towers'. */
function readHeads(config: ConfigReader, weights: WeightReader, multimodal: number): FlavaParts['heads'] {
  const masked = (head: Exclude<FlavaHead, 'itm'>, tower: 'image' | 'text', reads: number): RowHeadSpec => {
    const section = towerConfig(config, tower);
    const width = section.count('hidden_size', IMAGE.width);
    if (width !== reads) section.unsupported('hidden_size', `the multimodal transformer's, ${reads},`, width);
    const names = {
      dense: 'transform.dense',
      norm: 'transform.LayerNorm',
      decoder: 'decoder.weight',
      bias: ['decoder.bias', 'bias'],
    };
    const steps = vocabularyHead(weights.below(`${head}_head.`), names, {
      width,
      vocabulary: section.count('vocab_size', tower === 'image' ? IMAGE_VOCABULARY : TEXT_VOCABULARY),
      activation: readActivation(section, 'hidden_act', 'gelu'),
      epsilon: section.number('layer_norm_eps', IMAGE.epsilon),
    });
    return { name: `${config.model} (${head} head)`, width, steps };
  };
  const own = (tower: 'image' | 'text') => towerConfig(config, tower).count('hidden_size', IMAGE.width);
  const width = config.count('hidden_size', IMAGE.width);
  if (width !== multimodal) config.unsupported('hidden_size', `the multimodal transformer's, ${multimodal},`, width);
  const itm = weights.below('itm_head.');
  const match = linear(itm, 'seq_relationship', { inputs: width, outputs: 2 });
  return {
    mim: masked('mim', 'image', own('image')),
    mlm: masked('mlm', 'text', own('text')),
    mmm_image: masked('mmm_image', 'image', multimodal),
    mmm_text: masked('mmm_text', 'text', multimodal),
    itm: {
      name: `${config.model} (itm head)`,
      width,
      steps: [denseTanh(itm, 'pooler.dense', width), { linear: match }],
    },
  };
}
