/**
 * BLIP's text model: BERT's post-norm layers, which also attend to a picture or to a question after their
 * self-attention. One set of layers reads a text both ways, with the picture or without, or writes one.
 * Source: Li et al., BLIP: Bootstrapping Language-Image Pre-training (2022).
 */
import type { HeadSpec, StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { type EncoderShape, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { vocabularyHead } from '../blocks/vocabulary-head.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { BERT_LAYER, VOCABULARY_HEAD } from './bert.ts';

const SHAPE = { width: 768, layers: 12, heads: 8, inner: 3072, activation: 'gelu', epsilon: 1e-12 };

/** Which tokens a text begins and ends with. */
export interface BlipTokens {
  readonly begin: number;
  readonly end: number;
  readonly padding: number;
}

/** `eos_token_id` is not read: BLIP ends its texts with the separator. */
export function readBlipTokens(config: ConfigReader): BlipTokens {
  return {
    begin: config.id('bos_token_id', 30_522),
    end: config.id('sep_token_id', 102),
    padding: config.id('pad_token_id', 0),
  };
}

export interface BlipEncoderOptions {
  /** Whether its layers read a memory. */
  readonly attends: boolean;
  readonly head?: (width: number) => HeadSpec;
}

/** Reads a text both ways. */
export function blipEncoder(
  config: ConfigReader,
  weights: WeightReader,
  { attends, head }: BlipEncoderOptions,
): TextStack {
  const { spec, positions, shape } = textStack(config, weights, { attends, causal: false });
  return { positions, spec: { ...spec, ...(head === undefined ? {} : { head: head(shape.width) }) } };
}

/**
 * Writes a text. Its head gives the logits of the next token.
 * @param checkpoint where `bert.` and `cls.` lie
 */
export function blipDecoder(config: ConfigReader, checkpoint: WeightReader, rows: 'all' | 'last'): LanguageStack {
  const { spec, positions, shape } = textStack(config, checkpoint.below('bert.'), { attends: true, causal: true });
  const tokens = spec.tokens!.tokens;
  const [vocabulary = 0] = tokens.shape;
  const [first, ...more] = vocabularyHead(checkpoint, VOCABULARY_HEAD.bert, { ...shape, vocabulary, tied: tokens });
  return { positions, spec: { ...spec, head: { rows, ...first, more } } };
}

function textStack(
  config: ConfigReader,
  weights: WeightReader,
  { attends, causal }: { readonly attends: boolean; readonly causal: boolean },
) {
  // The encoders of BLIP are called decoders too: that is what gives their layers attention to pictures.
  config.only('is_decoder', true);
  const shape: EncoderShape = readEncoderShape(config, SHAPE);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 30_524);
  const positions = config.count('max_position_embeddings', 512);
  const memory = attends ? { memoryWidth: config.count('encoder_hidden_size', 768) } : {};
  const tokens = weights.take('embeddings.word_embeddings.weight', [vocabulary, width]);
  const spec = {
    name: `${config.model} (text)`,
    width,
    tokens: {
      tokens,
      positions: weights.take('embeddings.position_embeddings.weight', [positions, width]),
      norm: layerNorm(weights, 'embeddings.LayerNorm', width, shape.epsilon),
    },
    layers: transformerLayers(weights, ['encoder.layer.'], BERT_LAYER, shape, { norms: 'after', causal, ...memory }),
  } satisfies StackSpec;
  return { spec, positions, shape };
}
