/**
 * BLIP: a tower of pictures and texts that attend to it. It writes captions, answers questions, and tells how well a text
 * fits: by a cosine of both alone (ITC), or by a text that looks at the picture (ITM).
 * Checkpoints of transformers' BlipForConditionalGeneration, BlipForQuestionAnswering, BlipForImageTextRetrieval.
 * Source: Li et al., BLIP: Bootstrapping Language-Image Pre-training (2022).
 */
import type { HeadSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { linear } from '../blocks/linear.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { BERT_BUFFERS } from './bert.ts';
import { type BlipTokens, blipDecoder, blipEncoder, readBlipTokens } from './blip-text.ts';
import { blipVision } from './blip-vision.ts';

const VISION = {
  ...{ width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-5 },
  ...{ size: 384, patch: 16 },
};

/** What files repeat of the tied head. */
const REPEATED = /(?:^|\.)cls\.predictions\.(?:bias|decoder\.(?:weight|bias))$/;

export interface BlipCaptionStacks {
  /** Its head is the pooled class token, which captions do not need. */
  readonly vision: PictureStack;
  /** Its memory are the rows of the picture. */
  readonly decoder: LanguageStack;
  readonly tokens: BlipTokens;
}

/** Captions. Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function blipCaption({ config, weights }: Checkpoint, rows: 'all' | 'last'): BlipCaptionStacks {
  const text = config.section('text_config');
  const vision = visionOf(config, weights, 'pooled');
  checkMemory(text, vision.spec.width);
  const decoder = blipDecoder(text, weights.below('text_decoder.'), rows);
  weights.finish({ ignore: [BERT_BUFFERS, REPEATED] });
  return { vision, decoder, tokens: readBlipTokens(text) };
}

export interface BlipQuestionStacks {
  readonly vision: PictureStack;
  /** Its memory are the rows of the picture. */
  readonly question: TextStack;
  /** Its memory are the rows of the question, padding included, as transformers has it. */
  readonly decoder: LanguageStack;
  readonly tokens: BlipTokens;
}

/** Answers, written after the question was read. Throws as `blipCaption` does. */
export function blipQuestion({ config, weights }: Checkpoint, rows: 'all' | 'last'): BlipQuestionStacks {
  const text = config.section('text_config');
  const vision = visionOf(config, weights);
  checkMemory(text, vision.spec.width);
  checkMemory(text, text.count('hidden_size', 768));
  const question = blipEncoder(text, weights.below('text_encoder.'), { attends: true });
  const decoder = blipDecoder(text, weights.below('text_decoder.'), rows);
  weights.finish({ ignore: [BERT_BUFFERS, REPEATED] });
  const tokens = readBlipTokens(text);
  return { vision, question, decoder, tokens: { ...tokens, begin: config.id('decoder_start_token_id', tokens.begin) } };
}

export interface BlipRetrievalStacks {
  /** Its head projects the class token into the space shared with texts. */
  readonly vision: PictureStack;
  /** Reads a text alone; its head projects the first token into the shared space. */
  readonly text: TextStack;
  /** Reads a text with the picture's rows as its memory; its head gives two logits, of no match and of a match. */
  readonly joint: TextStack;
  /** Width of the shared space. */
  readonly dim: number;
}

/** How well texts fit. Throws as `blipCaption` does. */
export function blipRetrieval({ config, weights }: Checkpoint): BlipRetrievalStacks {
  const text = config.section('text_config');
  const dim = config.count('image_text_hidden_size', 256);
  const first =
    (name: string, outputs: number) =>
    (width: number): HeadSpec => ({ rows: 'first', linear: linear(weights, name, { inputs: width, outputs }) });
  const vision = visionOf(config, weights, first('vision_proj', dim));
  checkMemory(text, vision.spec.width);
  const encoder = weights.below('text_encoder.');
  const stacks = {
    vision,
    text: blipEncoder(text, encoder, { attends: false, head: first('text_proj', dim) }),
    joint: blipEncoder(text, encoder, { attends: true, head: first('itm_head', 2) }),
    dim,
  };
  weights.finish({ ignore: [BERT_BUFFERS] });
  return stacks;
}

function visionOf(config: ConfigReader, weights: WeightReader, head?: Parameters<typeof blipVision>[3]): PictureStack {
  return blipVision(config.section('vision_config'), weights.below('vision_model.'), VISION, head);
}

function checkMemory(text: ConfigReader, width: number): void {
  const expected = text.count('encoder_hidden_size', 768);
  if (expected !== width) text.bad('encoder_hidden_size', `${width}, the width of the rows that are read,`, expected);
}
