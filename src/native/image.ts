/**
 * Image operators of the addon: Pillow's resize, and the fused resize -> crop -> rescale -> normalise -> canvas.
 * Takes decoded pixels; decoding files is the business of src/image. Work runs on the addon's threads.
 *
 * Buffers that are read or written must not be changed, transferred or resized until the promise settles.
 */
import { WeftError } from '../errors.ts';
import {
  checkBuffer,
  checkImage,
  checkPlan,
  checkResize,
  type PlannedSize,
  type PreprocessPlan,
  type RawImage,
  RESIZE_FILTERS,
  type ResizeStep,
} from './image-plan.ts';
import { type NativePictureRequest, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';

export type { CropStep, PreprocessPlan, RawImage, ResizeFilter, ResizeStep } from './image-plan.ts';

/** Float result of one picture: float32 [channels, height, width]. */
export interface PreprocessedImage {
  data: Float32Array;
  width: number;
  height: number;
  channels: number;
}

/**
 * Pillow's Image.resize to the bit: two passes in 22-bit fixed point, antialiased; alpha (2 or 4 channels) is
 * premultiplied meanwhile, except for `nearest`. Rejects with `input/bad-image-option`, `run/cancelled`,
 * `native/failed`.
 */
export async function resize(
  image: RawImage,
  step: ResizeStep,
  options: { signal?: AbortSignal } = {},
): Promise<RawImage> {
  checkImage(image, 'image');
  checkResize(step, image, 'resize');
  const { width, height } = step;
  const bytes = new Uint8Array(width * height * image.channels);
  const request = { ...sourceOf(image), ...resizeOf(step, image), crop: { left: 0, top: 0, width, height }, bytes };
  await runNative('resize', () => nativeAddon().preprocess([request]), options.signal);
  return { data: bytes, width, height, channels: image.channels };
}

/**
 * Each picture to float32 [channels, height, width] as Hugging Face's processors compute it: only pixels that the
 * crop keeps are resized; the table byte -> value follows numpy's float32. The batch shares the pool's threads.
 * `into`: one batch [images, channels, height, width] to write in place; all results must have the same size.
 * Rejects with `input/bad-image-option`, `run/cancelled`, `native/failed`; then the contents of `into` are undefined.
 */
export async function preprocess(
  images: readonly { image: RawImage; plan: PreprocessPlan }[],
  options: { signal?: AbortSignal; into?: Float32Array } = {},
): Promise<PreprocessedImage[]> {
  const sizes = images.map(({ image, plan }, index) => {
    checkImage(image, `images[${index}].image`);
    return checkPlan(image, plan, `images[${index}].plan`);
  });
  if (images.length === 0) return [];
  const targets = options.into === undefined ? sizes.map(newTarget) : sliceTargets(options.into, sizes);
  const requests = images.map(({ image, plan }, index) => requestOf(image, plan, sizes[index]!, targets[index]!));
  await runNative('preprocess', () => nativeAddon().preprocess(requests), options.signal);
  return sizes.map((size, index) => ({ data: targets[index]!, ...size }));
}

function newTarget({ width, height, channels }: PlannedSize): Float32Array {
  return unfilledFloats(width * height * channels);
}

/** V8-owned, transferable, not zeroed: only for what the operator writes to the last number. */
export function unfilledFloats(length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(Buffer.allocUnsafeSlow(4 * length).buffer);
}

function sliceTargets(into: Float32Array, sizes: readonly PlannedSize[]): Float32Array[] {
  const { width, height, channels } = sizes[0]!;
  const where = { what: 'into' };
  for (const size of sizes) {
    if (size.width === width && size.height === height && size.channels === channels) continue;
    const received = `${size.channels} x ${size.height} x ${size.width}`;
    throw new WeftError('input/bad-image-option', {
      ...where,
      expected: `results of one size (${channels} x ${height} x ${width})`,
      received,
    });
  }
  const length = width * height * channels;
  if (!(into instanceof Float32Array) || into.length !== length * sizes.length) {
    const received = into instanceof Float32Array ? into.length : typeof into;
    throw new WeftError('input/bad-image-option', { ...where, expected: `${length * sizes.length} floats`, received });
  }
  checkBuffer(into, 'into');
  return sizes.map((_, index) => into.subarray(index * length, (index + 1) * length));
}

function requestOf(
  image: RawImage,
  plan: PreprocessPlan,
  size: PlannedSize,
  floats: Float32Array,
): NativePictureRequest {
  const { width, height } = plan.crop ?? plan.resize ?? image;
  const crop = plan.crop ?? { left: 0, top: 0, width, height };
  const { left, top } = plan.pad ?? { left: 0, top: 0 };
  return {
    ...sourceOf(image),
    ...(plan.resize === undefined ? {} : resizeOf(plan.resize, image)),
    crop,
    floats,
    canvas: { left, top, width: size.width, height: size.height },
    canvasValue: plan.pad?.value ?? 0,
    factor: plan.rescale?.factor ?? 1,
    ...(plan.rescale?.offset === undefined ? {} : { offset: plan.rescale.offset }),
    ...(plan.normalize === undefined ? {} : { mean: plan.normalize.mean, std: plan.normalize.std }),
  };
}

function sourceOf({ data, width, height, channels }: RawImage) {
  return { data, width, height, channels };
}

function resizeOf(step: ResizeStep, image: RawImage) {
  return {
    resize: {
      width: step.width,
      height: step.height,
      filter: RESIZE_FILTERS.indexOf(step.filter),
      box: step.box ?? ([0, 0, image.width, image.height] as const),
      reducingGap: step.reducingGap ?? 0,
    },
  };
}
