/**
 * What a two-dimensional convolution is made of. Types only.
 */
import type { ActivationName, WeightSource } from './stack-spec.ts';

/** Running statistics of a batch norm, [outputs] each; folded into the weights when the convolution is built. */
export interface BatchNormSpec {
  readonly mean: WeightSource;
  readonly variance: WeightSource;
  readonly weight?: WeightSource;
  readonly bias?: WeightSource;
  readonly epsilon: number;
}

/** One number for both directions, or that of the height and that of the width. */
export type Pair = number | readonly [number, number];

export interface ConvolutionSpec {
  /** [outputs, inputs / groups, height, width]; transposed: [inputs, outputs / groups, height, width]. */
  readonly weight: WeightSource;
  /** [outputs]; zeros when left out. */
  readonly bias?: WeightSource;
  readonly norm?: BatchNormSpec;
  readonly activation?: ActivationName;
  readonly groups?: number;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  /** Zeros around the picture: for all sides, for height and width, or top, bottom, left, right. */
  readonly padding?: Pair | readonly [number, number, number, number];
  /** torch.nn.ConvTranspose2d instead of Conv2d. */
  readonly transposed?: boolean;
  /** Pixels added at the bottom and the right of a transposed convolution's result. */
  readonly outputPadding?: Pair;
}
