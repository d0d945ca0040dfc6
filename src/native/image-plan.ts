/**
 * Shapes of image requests, and their checks before anything crosses into native code. Must not call the addon.
 */
import { WeftError } from '../errors.ts';

export type ResizeFilter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** In the order of native/ops/resample_axis.h. */
export const RESIZE_FILTERS: readonly ResizeFilter[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

/** 8-bit interleaved pixels: data[(y * width + x) * channels + c]; with 2 or 4 channels the last one is alpha. */
export interface RawImage {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

/** Pillow's Image.resize. */
export interface ResizeStep {
  width: number;
  height: number;
  filter: ResizeFilter;
  /** Part of the source that is read: left, top, right, bottom in source pixels. The whole picture by default. */
  box?: readonly [number, number, number, number];
  /** 1 or more: first shrink by whole factors, as long as the result stays this many times larger than asked. */
  reducingGap?: number;
}

/** In resized coordinates; may reach outside the picture, where pixels are zero. */
export interface CropStep {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface PreprocessPlan {
  resize?: ResizeStep;
  crop?: CropStep;
  /** value = float32(byte * factor) + offset. Factor 1 by default. */
  rescale?: { factor: number; offset?: number };
  /** value = (value - mean) / std in float32; one number per channel. */
  normalize?: { mean: readonly number[]; std: readonly number[] };
  /** Canvas after normalising; the crop lies at left, top inside it. */
  pad?: { left: number; top: number; width: number; height: number; value: number };
}

/** The longest side and the most pixels of any picture or canvas; native/ops/preprocess_plan.h has the same. */
export const LONGEST_SIDE = 2 ** 20;
export const MOST_PIXELS = 2 ** 28;

/** Width, height and channels of the float result. */
export interface PlannedSize {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

export function checkImage(image: RawImage, where: string): void {
  checkSize(image, where);
  if (![1, 2, 3, 4].includes(image.channels)) fail('1 to 4 channels', where, image.channels);
  const wanted = image.width * image.height * image.channels;
  if (!(image.data instanceof Uint8Array)) fail('a Uint8Array', `${where}.data`, typeof image.data);
  checkBuffer(image.data, `${where}.data`);
  if (image.data.length !== wanted) fail(`${wanted} bytes`, `${where}.data`, image.data.length);
}

/** A view that may be read or written from another thread: its buffer must not shrink meanwhile. */
export function checkBuffer(view: Uint8Array | Float32Array, where: string): void {
  const buffer = view.buffer as ArrayBufferLike & { resizable?: boolean; growable?: boolean };
  if (buffer.resizable === true || buffer.growable === true) fail('a buffer of fixed size', where, 'a resizable one');
}

export function checkResize(step: ResizeStep, image: RawImage, where: string): void {
  checkSize(step, where);
  if (!RESIZE_FILTERS.includes(step.filter))
    fail(`one of ${RESIZE_FILTERS.join(', ')}`, `${where}.filter`, step.filter);
  if (step.box !== undefined) checkBox(step.box, image, `${where}.box`);
  const gap = step.reducingGap;
  if (gap !== undefined && !(Number.isFinite(gap) && gap >= 1)) fail('a number from 1', `${where}.reducingGap`, gap);
}

/** Checks a whole plan and returns the size of its result. */
export function checkPlan(image: RawImage, plan: PreprocessPlan, where: string): PlannedSize {
  if (plan.resize !== undefined) checkResize(plan.resize, image, `${where}.resize`);
  if (plan.crop !== undefined) checkCrop(plan.crop, `${where}.crop`);
  if (plan.rescale !== undefined) {
    checkFinite(plan.rescale.factor, `${where}.rescale.factor`);
    if (plan.rescale.offset !== undefined) checkFinite(plan.rescale.offset, `${where}.rescale.offset`);
  }
  if (plan.normalize !== undefined) checkNormalize(plan.normalize, image.channels, `${where}.normalize`);
  const { width, height } = plan.crop ?? plan.resize ?? image;
  if (plan.pad === undefined) return { width, height, channels: image.channels };
  checkPad(plan.pad, width, height, `${where}.pad`);
  return { width: plan.pad.width, height: plan.pad.height, channels: image.channels };
}

function checkSize(size: { width: number; height: number }, where: string): void {
  for (const side of ['width', 'height'] as const) {
    const value = size[side];
    const valid = Number.isInteger(value) && value >= 1 && value <= LONGEST_SIDE;
    if (!valid) fail(`a whole number from 1 to ${LONGEST_SIDE}`, `${where}.${side}`, value);
  }
  if (size.width * size.height > MOST_PIXELS) {
    fail(`at most ${MOST_PIXELS} pixels`, where, `${size.width} x ${size.height}`);
  }
}

function checkBox(box: readonly number[], image: RawImage, where: string): void {
  // The weights see single precision; a box that vanishes in it has nothing to read.
  const [left = Number.NaN, top = Number.NaN, right = Number.NaN, bottom = Number.NaN] = box.map(Math.fround);
  const inside = left >= 0 && top >= 0 && right <= image.width && bottom <= image.height;
  if (box.length !== 4 || !inside || !(left < right) || !(top < bottom)) {
    fail(`left, top, right, bottom inside ${image.width} x ${image.height}`, where, `[${box.join(', ')}]`);
  }
}

function checkCrop(crop: CropStep, where: string): void {
  checkSize(crop, where);
  for (const edge of ['left', 'top'] as const) {
    const value = crop[edge];
    const valid = Number.isInteger(value) && Math.abs(value) <= LONGEST_SIDE;
    if (!valid) fail(`a whole number within ${LONGEST_SIDE}`, `${where}.${edge}`, value);
  }
}

function checkNormalize(normalize: NonNullable<PreprocessPlan['normalize']>, channels: number, where: string): void {
  for (const name of ['mean', 'std'] as const) {
    const values = normalize[name];
    if (!Array.isArray(values) || values.length !== channels) {
      fail(`${channels} numbers`, `${where}.${name}`, Array.isArray(values) ? values.length : typeof values);
    }
    for (const value of values) checkFinite(value, `${where}.${name}`);
    if (name === 'std' && values.some((value) => Math.fround(value) === 0)) fail('no zero', `${where}.std`, 0);
  }
}

function checkPad(pad: NonNullable<PreprocessPlan['pad']>, width: number, height: number, where: string): void {
  checkSize(pad, where);
  checkFinite(pad.value, `${where}.value`);
  const fits = (offset: number, inner: number, outer: number) =>
    Number.isInteger(offset) && offset >= 0 && offset + inner <= outer;
  if (!fits(pad.left, width, pad.width) || !fits(pad.top, height, pad.height)) {
    const received = `${pad.width} x ${pad.height} with offset ${pad.left}, ${pad.top}`;
    fail(`a canvas that holds ${width} x ${height}`, where, received);
  }
}

function checkFinite(value: number, where: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) fail('a finite number', where, value);
}

function fail(expected: string, what: string, received: unknown): never {
  throw new WeftError('input/bad-image-option', { expected, what, received: String(received) });
}
