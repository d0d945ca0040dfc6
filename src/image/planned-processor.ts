/**
 * Processors that are one native pass per picture: resize, centre crop, rescale, normalise, pad. All of them but
 * Donut and OWLv2. Decides geometry only; the addon computes the pixels.
 */
import { WeftError } from '../errors.ts';
import { type PreprocessPlan, preprocess, type RawImage, type ResizeFilter, unfilledFloats } from '../native/image.ts';
import { type Placement, placementOf } from './placement.ts';
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
import { resizedSize, type TargetSize } from './target-size.ts';
import { mappingSteps, type ValueMapping } from './value-mapping.ts';

/** What a configuration comes down to, whatever class wrote it. */
export interface Recipe {
  readonly type: string;
  readonly model: string;
  readonly target: TargetSize | undefined;
  readonly filter: ResizeFilter;
  /** Centre crop after resizing; larger than the picture, it pads with black. */
  readonly crop: Size | undefined;
  readonly mapping: ValueMapping;
  readonly convertRgb: boolean;
  /** Zeros right and below after normalising: up to `padSize`, else to the largest of the batch. */
  readonly pad: boolean;
  readonly padSize: Size | undefined;
  readonly mask: boolean;
  /** FLAVA's second picture. */
  readonly codebook?: Recipe;
}

export class PlannedProcessor implements ImageProcessor {
  readonly type: string;
  readonly convertsToRgb: boolean;
  readonly fixedSize: Size | undefined;
  readonly #recipe: Recipe;

  constructor(recipe: Recipe) {
    this.type = recipe.type;
    this.convertsToRgb = recipe.convertRgb;
    this.#recipe = recipe;
    const { target } = recipe;
    const exact = target?.kind === 'exact' ? { width: target.width, height: target.height } : undefined;
    this.fixedSize = recipe.pad && recipe.padSize !== undefined ? recipe.padSize : (recipe.crop ?? exact);
  }

  size(width: number, height: number): Size {
    return padded(this.#recipe, croppedSize(this.#recipe, width, height));
  }

  plan(width: number, height: number): PreprocessPlan {
    return planFor(this.#recipe, { width, height, channels: 3 }, this.size(width, height));
  }

  placement(width: number, height: number): Placement {
    return placementOf(this.plan(width, height), { width, height }, this.size(width, height));
  }

  async process(images: readonly SourceImage[], options: ProcessOptions = {}): Promise<ProcessedImage[]> {
    const raw = images.map((image) => toRawImage(image, this.convertsToRgb));
    const main = runAlone(this.#recipe, raw, options);
    const { codebook } = this.#recipe;
    if (codebook === undefined) return main;
    const [pictures, codes] = await Promise.all([main, runAlone(codebook, raw, options)]);
    return pictures.map((picture, index) => ({ ...picture, codebookPixels: codes[index] as ProcessedImage }));
  }

  async processBatch(images: readonly SourceImage[], options: ProcessOptions = {}): Promise<ProcessedBatch> {
    const raw = images.map((image) => toRawImage(image, this.convertsToRgb));
    const main = runBatch(this.#recipe, raw, options);
    const { codebook } = this.#recipe;
    if (codebook === undefined) return main;
    const [pictures, codes] = await Promise.all([main, runBatch(codebook, raw, options)]);
    return { ...pictures, codebookPixels: codes };
  }
}

async function runAlone(recipe: Recipe, images: readonly RawImage[], options: ProcessOptions) {
  const contents = images.map(({ width, height }) => croppedSize(recipe, width, height));
  const jobs = images.map((image, index) => {
    return { image, plan: planFor(recipe, image, padded(recipe, contents[index] as Size)) };
  });
  const results = await preprocess(jobs, signalOf(options));
  return results.map(({ data, width, height, channels }, index): ProcessedImage => {
    const picture = { pixelValues: data, width, height, channels };
    return recipe.mask && recipe.pad
      ? { ...picture, pixelMask: maskOf([contents[index] as Size], { width, height }) }
      : picture;
  });
}

async function runBatch(recipe: Recipe, images: readonly RawImage[], options: ProcessOptions): Promise<ProcessedBatch> {
  const [first] = images;
  if (first === undefined) throw badPicture(recipe.model, 'at least one picture', 'none');
  const contents = images.map(({ width, height }) => croppedSize(recipe, width, height));
  const canvas = batchSize(recipe, contents);
  const shape = [images.length, first.channels, canvas.height, canvas.width] as const;
  const pixelValues = unfilledFloats(shape.reduce((product, side) => product * side, 1));
  const jobs = images.map((image) => ({ image, plan: planFor(recipe, image, canvas) }));
  await preprocess(jobs, { ...signalOf(options), into: pixelValues });
  const batch = { shape, pixelValues };
  return recipe.mask && recipe.pad ? { ...batch, pixelMask: maskOf(contents, canvas) } : batch;
}

/** The common size of a batch. @throws WeftError where sizes differ and the processor does not pad. */
function batchSize(recipe: Recipe, contents: readonly Size[]): Size {
  const largest = {
    width: Math.max(...contents.map(({ width }) => width)),
    height: Math.max(...contents.map(({ height }) => height)),
  };
  if (recipe.pad) return padded(recipe, largest);
  const odd = contents.find(({ width, height }) => width !== contents[0]?.width || height !== contents[0]?.height);
  if (odd === undefined) return largest;
  throw new WeftError('input/bad-image-option', {
    what: 'a batch',
    expected: `pictures that ${recipe.type} brings to one size`,
    received: `${formatSize(contents[0] as Size)} and ${formatSize(odd)}`,
  });
}

/** Size after resizing and cropping. @throws WeftError where a side vanishes. */
function croppedSize(recipe: Recipe, width: number, height: number): Size {
  const resized = resizedOrRefused(recipe, width, height);
  return recipe.crop ?? resized ?? { width, height };
}

function resizedOrRefused(recipe: Recipe, width: number, height: number): Size | undefined {
  if (recipe.target === undefined) return undefined;
  const resized = resizedSize(recipe.target, width, height);
  if (resized.width >= 1 && resized.height >= 1) return resized;
  throw badPicture(
    recipe.model,
    'a less elongated picture (none of its sides may shrink to nothing)',
    `one of ${formatSize({ width, height })}, which ${recipe.type} resizes to ${formatSize(resized)}`,
  );
}

function padded(recipe: Recipe, content: Size): Size {
  if (!recipe.pad || recipe.padSize === undefined) return content;
  if (content.width <= recipe.padSize.width && content.height <= recipe.padSize.height) return recipe.padSize;
  const expected = `a picture of at most ${formatSize(recipe.padSize)} before padding`;
  throw badPicture(recipe.model, expected, formatSize(content));
}

function planFor(recipe: Recipe, image: Size & Pick<RawImage, 'channels'>, canvas: Size): PreprocessPlan {
  const { width, height, channels } = image;
  const plan: PreprocessPlan = mappingSteps(recipe.model, recipe.mapping, channels);
  const resized = resizedOrRefused(recipe, width, height);
  if (resized !== undefined) plan.resize = { ...resized, filter: recipe.filter };
  if (recipe.crop !== undefined) plan.crop = centred(recipe.crop, resized ?? image);
  const content = recipe.crop ?? resized ?? image;
  if (canvas.width !== content.width || canvas.height !== content.height) {
    plan.pad = { left: 0, top: 0, ...canvas, value: 0 };
  }
  return plan;
}

/** Rounds down, also below zero: an odd border is wider at the left and top. */
function centred(crop: Size, within: Size) {
  return {
    left: Math.floor((within.width - crop.width) / 2),
    top: Math.floor((within.height - crop.height) / 2),
    ...crop,
  };
}

/** [images, height, width] of 1 inside the contents and 0 in the padding. */
function maskOf(contents: readonly Size[], canvas: Size): Uint8Array {
  const mask = new Uint8Array(contents.length * canvas.width * canvas.height);
  contents.forEach(({ width, height }, index) => {
    for (let row = 0; row < height; row += 1) {
      const start = (index * canvas.height + row) * canvas.width;
      mask.fill(1, start, start + width);
    }
  });
  return mask;
}

function signalOf({ signal }: ProcessOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
