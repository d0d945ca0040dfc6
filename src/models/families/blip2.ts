/**
 * BLIP-2: a Q-Former reads a picture into a few rows. OPT goes on from them with a text; or their cosines with a text, or a
 * text beside them, tell how well it fits.
 * Checkpoints of transformers' Blip2ForConditionalGeneration over OPT, Blip2ForImageTextRetrieval.
 * Source: Li et al., BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image Encoders and Large Language Models
 * (2023).
 */
import type { StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { linear } from '../blocks/linear.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { BERT_BUFFERS } from './bert.ts';
import { blipVision } from './blip-vision.ts';
import { optTower } from './opt.ts';
import { type JointStacks, type QFormer, qFormer } from './qformer.ts';

const VISION = {
  ...{ width: 1408, layers: 39, heads: 16, inner: 6144, activation: 'gelu', epsilon: 1e-6 },
  ...{ size: 224, patch: 14 },
};

/** What files repeat of OPT's tied head. */
const REPEATED = /(?:^|\.)language_model\.lm_head\.weight$/;

export interface Blip2CaptionStacks {
  readonly vision: PictureStack;
  /** Its memory are the rows of the picture; its head gives rows as wide as the language model's. */
  readonly queryStack: StackSpec;
  readonly queries: number;
  readonly language: LanguageStack;
  /** The id that stands for each of the rows in a text; undefined where the vocabulary has none. */
  readonly placeholder: number | undefined;
  /** What a text begins with after the rows. */
  readonly begin: number;
  /** Options of the language model. */
  readonly text: ConfigReader;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`; rejects with `input/bad-file`. */
export async function blip2Caption({ config, weights }: Checkpoint, rows: 'all' | 'last'): Promise<Blip2CaptionStacks> {
  const text = config.section('text_config');
  text.only('model_type', 'opt');
  config.only('use_decoder_only_language_model', true);
  const vision = visionOf(config, weights);
  const former = await formerOf(config, weights, vision);
  const language = optTower(text, weights.below('language_model.'), rows, { logits: true });
  const { width } = language.spec;
  if (text.count('word_embed_proj_dim', width) !== width) {
    text.unsupported('word_embed_proj_dim', `the width, ${width},`, text.count('word_embed_proj_dim'));
  }
  const queryStack = former.queryStack({
    rows: 'all',
    linear: linear(weights, 'language_projection', { inputs: former.width, outputs: width }),
  });
  weights.finish({ ignore: [BERT_BUFFERS, REPEATED] });
  return {
    ...{ vision, queryStack, language, text, queries: former.queries },
    placeholder: placeholderOf(config),
    begin: text.id('bos_token_id', 2),
  };
}

export interface Blip2RetrievalStacks {
  readonly vision: PictureStack;
  /** Its memory are the rows of the picture; its head projects every query into the space shared with texts. */
  readonly queryStack: StackSpec;
  readonly queries: number;
  /** Its head projects the first token into the shared space. */
  readonly text: TextStack;
  /** Queries and text together; the head gives two logits, of no match and of a match. */
  readonly joint: JointStacks;
  /** Width of the shared space. */
  readonly dim: number;
  /** As in Blip2CaptionStacks: texts then begin with placeholders, which are not read here. */
  readonly placeholder: number | undefined;
}

/** As `blip2Caption`. */
export async function blip2Retrieval({ config, weights }: Checkpoint): Promise<Blip2RetrievalStacks> {
  const dim = config.count('image_text_hidden_size', 256);
  config.section('qformer_config').only('use_qformer_text_input', true);
  const vision = visionOf(config, weights);
  const former = await formerOf(config, weights, vision);
  const { width, queries } = former;
  const project = (name: string, outputs: number) => linear(weights, name, { inputs: width, outputs });
  const stacks = {
    ...{ vision, queries, dim, placeholder: placeholderOf(config) },
    queryStack: former.queryStack({ rows: 'all', linear: project('vision_projection', dim) }),
    text: former.textStack({ rows: 'first', linear: project('text_projection', dim) }),
    joint: former.jointStacks({ rows: 'mean', linear: project('itm_head', 2) }),
  };
  weights.finish({ ignore: [BERT_BUFFERS] });
  return stacks;
}

function visionOf(config: ConfigReader, weights: WeightReader): PictureStack {
  return blipVision(config.section('vision_config'), weights.below('vision_model.'), VISION);
}

function formerOf(config: ConfigReader, weights: WeightReader, vision: PictureStack): Promise<QFormer> {
  const options = config.section('qformer_config');
  const expected = options.count('encoder_hidden_size', 1408);
  const { width } = vision.spec;
  if (expected !== width) options.bad('encoder_hidden_size', `${width}, the width of the picture's rows,`, expected);
  return qFormer(options, weights, config.count('num_query_tokens', 32));
}

/** Under its older or its newer name. */
function placeholderOf(config: ConfigReader): number | undefined {
  return config.ids('image_token_index')[0] ?? config.ids('image_token_id')[0];
}
