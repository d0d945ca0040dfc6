/** How a byte becomes a float: rescale and normalise, and the two extra maps that fold into them. */
import type { PreprocessPlan } from '../native/image.ts';
import { badPicture } from './processor.ts';

/** A number for every channel, or one per channel. */
export type PerChannel = number | readonly number[];

export interface ValueMapping {
  /** value = byte * factor + offset; bytes stay 0 to 255 when left out. */
  readonly rescale?: { readonly factor: number; readonly offset?: number } | undefined;
  /** value = (value - mean) / std. */
  readonly normalize?: { readonly mean: PerChannel; readonly std: PerChannel } | undefined;
}

/** The mapping as plan steps for a picture of so many channels. Throws `model/bad-input` when it names another number. */
export function mappingSteps(
  model: string,
  { rescale, normalize }: ValueMapping,
  channels: number,
): Pick<PreprocessPlan, 'rescale' | 'normalize'> {
  const steps: Pick<PreprocessPlan, 'rescale' | 'normalize'> = {};
  if (rescale !== undefined) steps.rescale = rescale;
  if (normalize !== undefined) {
    const mean = spread(normalize.mean, channels);
    const std = spread(normalize.std, channels);
    if (mean.length !== channels || std.length !== channels) {
      throw badPicture(model, 'a picture with as many channels as "image_mean" has numbers', `${channels} channel(s)`);
    }
    steps.normalize = { mean, std };
  }
  return steps;
}

/** EfficientNet's include_top: after everything, divide by std once more. */
export function dividedAgain({ rescale, normalize }: ValueMapping, std: PerChannel): ValueMapping {
  if (normalize === undefined) return { rescale, normalize: { mean: 0, std } };
  return { rescale, normalize: { mean: normalize.mean, std: combine(normalize.std, std, (a, b) => a * b) } };
}

/**
 * FLAVA's codebook map, value * scale + shift after normalising:
 * ((v - m) / s) * scale + shift = (v - (m - shift * s / scale)) / (s / scale).
 */
export function mappedAgain({ rescale, normalize }: ValueMapping, scale: number, shift: number): ValueMapping {
  const { mean, std } = normalize ?? { mean: 0, std: 1 };
  return {
    rescale,
    normalize: {
      mean: combine(mean, std, (m, s) => m - (shift * s) / scale),
      std: combine(std, scale, (s, by) => s / by),
    },
  };
}

function spread(value: PerChannel, channels: number): readonly number[] {
  return typeof value === 'number' ? new Array<number>(channels).fill(value) : value;
}

function combine(left: PerChannel, right: PerChannel, operation: (a: number, b: number) => number): PerChannel {
  if (typeof left === 'number') {
    if (typeof right === 'number') return operation(left, right);
    return right.map((value) => operation(left, value));
  }
  return left.map((value, channel) =>
    operation(value, typeof right === 'number' ? right : (right[channel] ?? Number.NaN)),
  );
}
