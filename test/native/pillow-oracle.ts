/**
 * An independent, slow form of Pillow's resampling and of the float path, straight from their definitions: double
 * weights, whole-number sums. Shares no code with the product.
 */
import type { PreprocessPlan, RawImage, ResizeFilter, ResizeStep } from '../../src/native/image.ts';

const ONE = 2 ** 22;

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

const KERNELS: Record<Exclude<ResizeFilter, 'nearest'>, { support: number; at: (x: number) => number }> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => {
      if (Math.abs(x) >= 1) return 0;
      return (
        sinc(Math.abs(x)) * (x === 0 ? 1 : Math.fround(0.54) + Math.fround(0.46) * Math.cos(Math.abs(x) * Math.PI))
      );
    },
  },
  bicubic: {
    support: 2,
    at: (x) => {
      const t = Math.abs(x);
      if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * -0.5 : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function axisTaps(filter: ResizeFilter, size: number, start: number, end: number, target: number): Taps[] {
  const [low, high] = [Math.fround(start), Math.fround(end)];
  const scale = Math.fround(high - low) / target;
  const result: Taps[] = [];
  let position = low + scale * 0.5;
  for (let i = 0; i < target; i += 1, position += scale) {
    if (filter === 'nearest') {
      const first = Math.trunc(position);
      result.push(first < size ? { first, weights: [ONE] } : { first: 0, weights: [] });
      continue;
    }
    const { support, at } = KERNELS[filter];
    const stretch = Math.max(scale, 1);
    const centre = low + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const last = Math.min(size, Math.trunc(centre + support * stretch + 0.5));
    const weights = [];
    for (let k = first; k < last; k += 1) weights.push(at((k - centre + 0.5) * (1 / stretch)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    result.push({ first, weights: weights.map((weight) => roundAway((weight / total) * ONE)) });
  }
  return result;
}

const roundAway = (x: number) => (x < 0 ? Math.trunc(x - 0.5) : Math.trunc(x + 0.5));

const clip = (sum: number) => Math.min(255, Math.max(0, Math.floor((sum + ONE / 2) / ONE)));

function alongColumns(image: RawImage, taps: readonly Taps[]): RawImage {
  const { width, height, channels, data } = image;
  const result = new Uint8Array(taps.length * height * channels);
  for (let y = 0; y < height; y += 1) {
    for (const [x, { first, weights }] of taps.entries()) {
      for (let c = 0; c < channels; c += 1) {
        const sum = weights.reduce((s, weight, k) => s + weight * data[(y * width + first + k) * channels + c]!, 0);
        result[(y * taps.length + x) * channels + c] = clip(sum);
      }
    }
  }
  return { data: result, width: taps.length, height, channels };
}

function transpose({ data, width, height, channels }: RawImage): RawImage {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < channels; c += 1)
        result[(x * height + y) * channels + c] = data[(y * width + x) * channels + c]!;
    }
  }
  return { data: result, width: height, height: width, channels };
}

function withAlpha(image: RawImage, change: (colour: number, alpha: number) => number): RawImage {
  const { data, channels } = image;
  const changed = data.map((value, index) => {
    const c = index % channels;
    return c === channels - 1 ? value : change(value, data[index - c + channels - 1]!);
  });
  return { ...image, data: changed };
}

/** Image.resize without a reducing gap. */
export function oracleResize(image: RawImage, step: ResizeStep): RawImage {
  const { width, height, filter } = step;
  const [left, top, right, bottom] = step.box ?? [0, 0, image.width, image.height];
  const whole = left === 0 && top === 0 && right === image.width && bottom === image.height;
  if (whole && width === image.width && height === image.height) return { ...image, data: image.data.slice() };
  const premultiplies = image.channels % 2 === 0 && filter !== 'nearest';
  // A product of two bytes over 255, rounded: never a tie, because 255 is odd.
  const source = premultiplies ? withAlpha(image, (colour, alpha) => Math.round((colour * alpha) / 255)) : image;
  const columns = axisTaps(filter, image.width, left, right, width);
  const rows = axisTaps(filter, image.height, top, bottom, height);
  const downwards = (picture: RawImage) => transpose(alongColumns(transpose(picture), rows));
  const tall = image.height > image.width * 100 && height < image.height;
  const resized = tall ? alongColumns(downwards(source), columns) : downwards(alongColumns(source, columns));
  if (!premultiplies) return resized;
  return withAlpha(resized, (colour, alpha) => {
    if (alpha === 0 || alpha === 255) return colour;
    return Math.min(255, Math.floor((255 * colour) / alpha));
  });
}

/** The whole plan in float32, channel planes. */
export function oraclePreprocess(image: RawImage, plan: PreprocessPlan): Float32Array {
  const picture = plan.resize === undefined ? image : oracleResize(image, plan.resize);
  const { channels } = picture;
  const crop = plan.crop ?? { left: 0, top: 0, width: picture.width, height: picture.height };
  const canvas = plan.pad ?? { left: 0, top: 0, width: crop.width, height: crop.height, value: 0 };
  const result = new Float32Array(canvas.width * canvas.height * channels).fill(canvas.value);
  for (let c = 0; c < channels; c += 1) {
    for (let y = 0; y < crop.height; y += 1) {
      for (let x = 0; x < crop.width; x += 1) {
        const [fromX, fromY] = [x + crop.left, y + crop.top];
        const inside = fromX >= 0 && fromY >= 0 && fromX < picture.width && fromY < picture.height;
        const byte = inside ? picture.data[(fromY * picture.width + fromX) * channels + c]! : 0;
        const index = (c * canvas.height + y + canvas.top) * canvas.width + x + canvas.left;
        result[index] = normalised(byte, c, plan);
      }
    }
  }
  return result;
}

function normalised(byte: number, channel: number, { rescale, normalize }: PreprocessPlan): number {
  let value = Math.fround(byte * (rescale?.factor ?? 1));
  if (rescale?.offset !== undefined) value = Math.fround(value + Math.fround(rescale.offset));
  if (normalize === undefined) return value;
  const shifted = Math.fround(value - Math.fround(normalize.mean[channel]!));
  return Math.fround(shifted / Math.fround(normalize.std[channel]!));
}
