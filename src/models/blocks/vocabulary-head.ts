/**
 * Heads over chosen rows of a stream: the pooler and the masked language model's head that BERT introduced and the
 * families after it kept.
 * Source: Devlin et al., BERT (2018).
 */
import type { ActivationName, HeadStepSpec } from '../../native/stack-spec.ts';
import type { WeightName, WeightReader, WeightRef } from '../weights/weight-reader.ts';
import { layerNorm, linear } from './linear.ts';

/** tanh(W x + b), the shape of BERT's pooler. */
export function denseTanh(weights: WeightReader, name: WeightName, width: number): HeadStepSpec {
  return { linear: linear(weights, name, { inputs: width, outputs: width }), activation: 'tanh' };
}

export interface VocabularyHeadNames {
  /** Of the dense layer and the norm after its activation. */
  readonly dense: string;
  readonly norm: string;
  /** The matrix [vocabulary, width], where the file has one of its own. */
  readonly decoder: WeightName;
  readonly bias: WeightName;
}

export interface VocabularyHeadShape {
  readonly width: number;
  readonly vocabulary: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
  /** The token embeddings, which stand for the matrix where it is tied to them; left out: it is not. */
  readonly tied?: WeightRef;
}

/** E norm(activation(W x + b)) + c, where E are the token embeddings unless the file holds another matrix. */
export function vocabularyHead(
  weights: WeightReader,
  { dense, norm, decoder, bias }: VocabularyHeadNames,
  { width, vocabulary, activation, epsilon, tied }: VocabularyHeadShape,
): readonly [HeadStepSpec, ...HeadStepSpec[]] {
  const isTied = tied !== undefined && !weights.has(decoder);
  return [
    { linear: linear(weights, dense, { inputs: width, outputs: width }), activation },
    {
      norm: layerNorm(weights, norm, width, epsilon),
      linear: {
        weight: isTied ? tied : weights.take(decoder, [vocabulary, width]),
        bias: weights.take(bias, [vocabulary]),
      },
    },
  ];
}
