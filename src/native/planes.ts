/**
 * Operators of the addon on planes of numbers: resizing feature maps, masks as run lengths.
 */
import { expectNumber, expectOneOf, expectTensor, expectWhole, refuse } from './argument.ts';
import { type NativeMaskRuns, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import { type OperatorOptions, tensorOf } from './rows.ts';
import type { Tensor } from './tensor.ts';

export type Interpolation = 'nearest' | 'bilinear' | 'bicubic';

export interface UpsampleOptions extends OperatorOptions {
  readonly height: number;
  readonly width: number;
  /** 'bilinear' when left out; bicubic has a = -0.75. */
  readonly mode?: Interpolation;
  /** Corners' centres stay where they are, instead of the planes' edges. */
  readonly alignCorners?: boolean;
}

/** One mask. `counts`: runs column by column, outside first, as pycocotools has them; `box`: x, y, width, height. */
export type MaskRuns = NativeMaskRuns & {
  /** Height and width. */
  readonly size: [number, number];
};

const LONGEST_SIDE = 2 ** 20;

/**
 * Planes [..., height, width] to another size, larger or smaller, as torch.nn.functional.interpolate without
 * antialiasing. Rejects with `native/bad-argument`, `native/released`, `native/out-of-memory`, `run/cancelled`.
 */
export async function upsample(
  x: Tensor,
  { height, width, mode = 'bilinear', alignCorners = false, signal }: UpsampleOptions,
): Promise<Tensor> {
  const operator = 'upsample';
  expectTensor(operator, 'x', x, ['...', 'height', 'width']);
  if (x.shape.slice(-2).includes(0)) refuse(operator, 'x', 'planes with pixels', `[${x.shape.join(', ')}]`);
  const options = {
    height: expectWhole(operator, 'height', height, 1, LONGEST_SIDE),
    width: expectWhole(operator, 'width', width, 1, LONGEST_SIDE),
    interpolation: expectOneOf(operator, 'mode', mode, ['nearest', 'bilinear', 'bicubic']),
    alignCorners,
  };
  return await tensorOf(operator, () => nativeAddon().resizePlanes(x.handle, options), signal);
}

/**
 * Masks [..., height, width] as run lengths: a pixel is inside when its number is above `threshold`. Rejects with
 * `native/bad-argument`, `native/released`, `native/out-of-memory`, `run/cancelled`.
 */
export async function maskRle(
  masks: Tensor,
  { threshold = 0, signal }: OperatorOptions & { readonly threshold?: number } = {},
): Promise<MaskRuns[]> {
  const operator = 'maskRle';
  expectTensor(operator, 'masks', masks, ['...', 'height', 'width']);
  const [height = 0, width = 0] = masks.shape.slice(-2);
  expectNumber(operator, 'pixels of a mask', height * width, 0, 2 ** 32 - 1);
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) refuse(operator, 'threshold', 'a number', threshold);
  const runs = await runNative(operator, () => nativeAddon().encodeMasks(masks.handle, threshold), signal);
  return runs.map((mask) => ({ size: [height, width], ...mask }));
}
