/** Pictures and plans drawn from a fixed seed, with the shapes that kernels get wrong. */
import type { PreprocessPlan, RawImage, ResizeFilter, ResizeStep } from '../../src/native/image.ts';

export const FILTERS: readonly ResizeFilter[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

/** Numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Noise with flat black and white patches, so that results reach past both ends; `shift` bytes off alignment. */
export function drawImage(width: number, height: number, channels: 1 | 2 | 3 | 4, seed: number, shift = 0): RawImage {
  const random = randomFrom(seed);
  const data = new Uint8Array(width * height * channels + shift).subarray(shift);
  for (let index = 0; index < data.length; index += 1) {
    const kind = random();
    data[index] = kind < 0.25 ? 0 : kind < 0.5 ? 255 : Math.floor(random() * 256);
  }
  return { data, width, height, channels };
}

export interface ResizeCase {
  readonly name: string;
  readonly image: RawImage;
  readonly step: ResizeStep;
}

/** [source width, source height, target width, target height]. */
const SIZES: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1],
  [1, 1, 9, 7],
  [1, 40, 1, 3],
  [40, 1, 3, 1],
  [7, 5, 7, 3],
  [7, 5, 4, 5],
  [33, 17, 32, 16],
  [64, 64, 63, 65],
  [5, 7, 83, 61],
  [4001, 2, 3, 2],
  [2, 4001, 2, 3],
  [3, 301, 2, 50],
  [257, 129, 31, 67],
];

/** Every filter on every size and number of channels, then boxes and sizes at random. */
export function* resizeCases(): Generator<ResizeCase> {
  let seed = 1;
  for (const [width, height, toWidth, toHeight] of SIZES) {
    for (const channels of [1, 2, 3, 4] as const) {
      const image = drawImage(width, height, channels, seed, seed % 5);
      seed += 1;
      for (const filter of FILTERS) {
        const name = `${width}x${height}x${channels} to ${toWidth}x${toHeight} ${filter}`;
        yield { name, image, step: { width: toWidth, height: toHeight, filter } };
      }
    }
  }
  const random = randomFrom(77);
  const upTo = (limit: number) => 1 + Math.floor(random() * limit);
  for (let index = 0; index < 150; index += 1) {
    const channels = upTo(4) as 1 | 2 | 3 | 4;
    const image = drawImage(upTo(60), upTo(60), channels, 5000 + index, index % 7);
    const [left, top] = [random() * image.width * 0.5, random() * image.height * 0.5];
    const [right, bottom] = [left + random() * (image.width - left), top + random() * (image.height - top)];
    const box = [left, top, Math.min(right + 0.01, image.width), Math.min(bottom + 0.01, image.height)] as const;
    const filter = FILTERS[index % FILTERS.length]!;
    const step = { width: upTo(50), height: upTo(50), filter, box };
    yield {
      name: `random ${index} ${JSON.stringify({ ...step, from: [image.width, image.height, channels] })}`,
      image,
      step,
    };
  }
}

export interface PlanCase {
  readonly name: string;
  readonly image: RawImage;
  readonly plan: PreprocessPlan;
}

/** Crops inside, across and beyond every border, canvases, and each step left out. */
export function* planCases(): Generator<PlanCase> {
  const random = randomFrom(99);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  for (let index = 0; index < 120; index += 1) {
    const channels = between(1, 4) as 1 | 2 | 3 | 4;
    const image = drawImage(between(1, 90), between(1, 90), channels, 9000 + index, index % 3);
    const resize = { width: between(1, 70), height: between(1, 70), filter: FILTERS[index % FILTERS.length]! };
    const crop = { left: between(-40, 60), top: between(-40, 60), width: between(1, 60), height: between(1, 60) };
    const plan: PreprocessPlan = {};
    if (index % 4 !== 0) plan.resize = resize;
    if (index % 3 !== 0) plan.crop = crop;
    if (index % 5 !== 0) plan.rescale = index % 2 === 0 ? { factor: 1 / 255 } : { factor: 1 / 127.5, offset: -1 };
    if (index % 2 === 0) {
      plan.normalize = {
        mean: Array.from({ length: channels }, () => random()),
        std: Array.from({ length: channels }, () => 0.1 + random()),
      };
    }
    const { width, height } = plan.crop ?? plan.resize ?? image;
    if (index % 4 === 1) {
      const [left, top] = [between(0, 5), between(0, 5)];
      plan.pad = { left, top, width: left + width + between(0, 9), height: top + height + between(0, 9), value: -1.5 };
    }
    yield {
      name: `plan ${index} ${JSON.stringify({ plan, from: [image.width, image.height, channels] })}`,
      image,
      plan,
    };
  }
}
