/**
 * Words, positions and segments as BERT adds them up and normalises them, under the names that its heirs kept.
 * Source: Devlin et al., BERT (2018).
 */
import type { TokenEmbeddingSpec } from '../../native/stack-spec.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader, WeightRef } from '../weights/weight-reader.ts';
import type { ConfigReader } from './config-reader.ts';
import { layerNorm } from './linear.ts';

export interface BertEmbeddingShape {
  readonly width: number;
  readonly epsilon: number;
  /** Transformers' defaults of the family's configuration class. */
  readonly vocabulary: number;
  readonly positions: number;
  readonly segments: number;
}

export interface BertEmbedding extends TokenEmbeddingSpec {
  /** The table [vocabulary, width], which heads may be tied to. */
  readonly tokens: WeightRef;
  /** The table [positions, width]. */
  readonly positions: WeightRef;
}

/** `weights` reads below the embeddings' own name. */
export function bertEmbedding(config: ConfigReader, weights: WeightReader, shape: BertEmbeddingShape): BertEmbedding {
  const { width } = shape;
  const vocabulary = config.count('vocab_size', shape.vocabulary);
  const positions = config.count('max_position_embeddings', shape.positions);
  const segments = config.count('type_vocab_size', shape.segments);
  return {
    tokens: weights.take('word_embeddings.weight', [vocabulary, width]),
    positions: weights.take('position_embeddings.weight', [positions, width]),
    segments: weights.take('token_type_embeddings.weight', [segments, width]),
    norm: layerNorm(weights, 'LayerNorm', width, shape.epsilon),
  };
}

/** The embedding alone, for texts that are read together with something else. */
export function embeddingStack(name: string, width: number, tokens: BertEmbedding): TextStack {
  return { positions: tokens.positions.shape[0]!, spec: { name, width, tokens, layers: [] } };
}
