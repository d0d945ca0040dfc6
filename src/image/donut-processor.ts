/**
 * Donut's processor: turn the long side to the long side of the page, resize the short side, shrink into the page,
 * centre on black, crop, rescale, normalise. Resizes twice, so it is more than one native pass.
 */
import { type PreprocessPlan, preprocess, type RawImage, resize } from '../native/image.ts';
import { pixelSource } from './encode.ts';
import type { Recipe } from './planned-processor.ts';
import {
  badPicture,
  formatSize,
  type ImageProcessor,
  type ProcessedBatch,
  type ProcessedImage,
  type ProcessOptions,
  type Size,
  type SourceImage,
  toRawImage,
} from './processor.ts';
import { stackBatch } from './stack-batch.ts';
import { resizedSize } from './target-size.ts';
import { mappingSteps } from './value-mapping.ts';

export interface DonutSettings {
  /** The page: `size` of the configuration. */
  readonly canvas: Size;
  readonly thumbnail: boolean;
  readonly alignLongAxis: boolean;
}

export class DonutProcessor implements ImageProcessor {
  readonly type: string;
  readonly convertsToRgb: boolean;
  readonly fixedSize: Size | undefined;
  readonly #recipe: Recipe;
  readonly #settings: DonutSettings;

  constructor(recipe: Recipe, settings: DonutSettings) {
    this.type = recipe.type;
    this.convertsToRgb = recipe.convertRgb;
    this.#recipe = recipe;
    this.#settings = settings;
    this.fixedSize = recipe.crop ?? (recipe.pad ? settings.canvas : undefined);
  }

  size(width: number, height: number): Size {
    if (this.fixedSize !== undefined) return this.fixedSize;
    const turned = this.#turns({ width, height }) ? { width: height, height: width } : { width, height };
    return this.#steps(turned).at(-1) ?? turned;
  }

  plan(): undefined {
    return undefined;
  }

  /** Turned pictures and pictures that are cut in steps lie in no one rectangle. */
  placement(): undefined {
    return undefined;
  }

  async process(images: readonly SourceImage[], options: ProcessOptions = {}): Promise<ProcessedImage[]> {
    return Promise.all(images.map((image) => this.#processOne(toRawImage(image, this.convertsToRgb), options)));
  }

  async processBatch(images: readonly SourceImage[], options: ProcessOptions = {}): Promise<ProcessedBatch> {
    return stackBatch(await this.process(images, options), this.#recipe);
  }

  async #processOne(image: RawImage, { signal }: ProcessOptions): Promise<ProcessedImage> {
    const abort = signal === undefined ? {} : { signal };
    const turned = this.#turns(image) ? await turnedClockwise(image) : image;
    const steps = this.#steps(turned);
    // All but the last resize give bytes; the last one is part of the fused pass.
    let current = turned;
    for (const step of steps.slice(0, -1)) {
      current = await resize(current, { ...step, filter: this.#recipe.filter }, abort);
    }
    const [result] = await preprocess([{ image: current, plan: this.#lastPass(current, steps) }], abort);
    const { data, width, height, channels } = result as NonNullable<typeof result>;
    return { pixelValues: data, width, height, channels };
  }

  #turns({ width, height }: Size): boolean {
    const { canvas, alignLongAxis } = this.#settings;
    if (!alignLongAxis) return false;
    return (canvas.width < canvas.height && width > height) || (canvas.width > canvas.height && width < height);
  }

  /** The sizes that the picture is brought to, one after the other. */
  #steps(start: Size): Size[] {
    const { canvas, thumbnail } = this.#settings;
    const steps: Size[] = [];
    if (this.#recipe.target !== undefined) {
      const edge = Math.min(canvas.width, canvas.height);
      steps.push(resizedSize({ kind: 'shortest-edge', edge }, start.width, start.height));
    }
    const shrunk = thumbnail ? thumbnailSize(steps[0] ?? start, canvas) : undefined;
    if (shrunk !== undefined) steps.push(shrunk);
    for (const step of steps) {
      if (step.width >= 1 && step.height >= 1) continue;
      throw badPicture(this.#recipe.model, 'a less elongated picture', formatSize(start));
    }
    return steps;
  }

  #lastPass(image: RawImage, steps: readonly Size[]): PreprocessPlan {
    const { model, mapping, pad, crop } = this.#recipe;
    const plan: PreprocessPlan = mappingSteps(model, mapping, image.channels);
    const last = steps.at(-1);
    if (last !== undefined) plan.resize = { ...last, filter: this.#lastFilter(steps) };
    const window = this.#window(last ?? image, pad, crop);
    if (window !== undefined) plan.crop = window;
    return plan;
  }

  /** In transformers a thumbnail's filter of 0 (nearest) is falsy and becomes bicubic. */
  #lastFilter(steps: readonly Size[]) {
    const isThumbnail = steps.length > (this.#recipe.target === undefined ? 0 : 1);
    return isThumbnail && this.#recipe.filter === 'nearest' ? 'bicubic' : this.#recipe.filter;
  }

  /** Padding on black and cropping, both before values are mapped, are one window over the resized picture. */
  #window(content: Size, pad: boolean, crop: Size | undefined) {
    const { canvas } = this.#settings;
    if (pad && (content.width > canvas.width || content.height > canvas.height)) {
      const expected = `a picture that fits ${formatSize(canvas)} after resizing`;
      throw badPicture(this.#recipe.model, expected, formatSize(content));
    }
    let window = { left: 0, top: 0, width: content.width, height: content.height };
    if (pad) window = centredIn(window, canvas, -1);
    if (crop !== undefined) window = centredIn(window, crop, 1);
    const isWhole = window.width === content.width && window.height === content.height;
    return isWhole && window.left === 0 && window.top === 0 ? undefined : window;
  }
}

/**
 * The window of `size` around the middle of `window`. With a difference that is odd, padding (`side` -1) leaves the
 * smaller border at the left and top, cropping (1) rounds the other way: floor of the half difference of each.
 */
function centredIn(window: { left: number; top: number } & Size, size: Size, side: 1 | -1) {
  const shift = (outer: number, inner: number) => side * Math.floor((side * (outer - inner)) / 2);
  return {
    left: window.left + shift(window.width, size.width),
    top: window.top + shift(window.height, size.height),
    ...size,
  };
}

/** PIL-like thumbnail: never larger, aspect ratio by the longer side; undefined when it fits already. */
function thumbnailSize(from: Size, canvas: Size): Size | undefined {
  const width = Math.min(from.width, canvas.width);
  const height = Math.min(from.height, canvas.height);
  if (width === from.width && height === from.height) return undefined;
  if (from.height > from.width) return { width: Math.trunc((from.width * height) / from.height), height };
  if (from.width > from.height) return { width, height: Math.trunc((from.height * width) / from.width) };
  return { width, height };
}

async function turnedClockwise(image: RawImage): Promise<RawImage> {
  const { data, info } = await pixelSource(image).rotate(90).raw().toBuffer({ resolveWithObject: true });
  return {
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    width: info.width,
    height: info.height,
    channels: image.channels,
  };
}
