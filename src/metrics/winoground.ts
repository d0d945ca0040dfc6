/**
 * Winoground's three scores: two pictures and two captions of the same words in another order, matched by a model.
 * Source: Thrush et al., Winoground: Probing Vision and Language Models for Visio-Linguistic Compositionality (2022),
 * equations 1 to 3.
 */
import { WeftError } from '../errors.ts';

/** scores[caption][picture]; caption 0 belongs to picture 0, caption 1 to picture 1. */
export type WinogroundScores = readonly [readonly [number, number], readonly [number, number]];

export interface WinogroundResult {
  /** Each picture prefers its own caption: 0.25 by chance. */
  readonly text: number;
  /** Each caption prefers its own picture: 0.25 by chance. */
  readonly image: number;
  /** Both: 1/6 by chance. */
  readonly group: number;
}

/** Shares of examples; ties are wrong. Throws `metric/bad-input` for no examples. */
export function winoground(examples: readonly WinogroundScores[]): WinogroundResult {
  if (examples.length === 0) {
    throw new WeftError('metric/bad-input', {
      metric: 'Winoground',
      expected: 'at least one example',
      received: 'none',
    });
  }
  const isTextRight = ([own, other]: WinogroundScores) => own[0] > other[0] && other[1] > own[1];
  const isImageRight = ([own, other]: WinogroundScores) => own[0] > own[1] && other[1] > other[0];
  const share = (holds: (scores: WinogroundScores) => boolean) => examples.filter(holds).length / examples.length;
  return {
    text: share(isTextRight),
    image: share(isImageRight),
    group: share((scores) => isTextRight(scores) && isImageRight(scores)),
  };
}
