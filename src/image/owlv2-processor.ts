/**
 * OWLv2's processor: rescale, pad with black at right and bottom to a square, blur and interpolate in float,
 * normalise. Runs in TypeScript, in short slices between which the event loop breathes: nothing else shares it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toWeftError } from '../errors.ts';
import { type PreprocessPlan, preprocess, type RawImage } from '../native/image.ts';
import type { Placement } from './placement.ts';
import type { Recipe } from './planned-processor.ts';
import {
  type ImageProcessor,
  type ProcessedBatch,
  type ProcessedImage,
  type ProcessOptions,
  type Size,
  type SourceImage,
  toRawImage,
} from './processor.ts';
import { type AxisWeights, axisWeights } from './smooth-zoom.ts';
import { stackBatch } from './stack-batch.ts';
import { mappingSteps } from './value-mapping.ts';

/** Longest time between two turns of the event loop. */
const SLICE_MS = 4;

export class Owlv2Processor implements ImageProcessor {
  readonly type: string;
  readonly convertsToRgb: boolean;
  readonly fixedSize: Size | undefined;
  readonly #recipe: Recipe;

  constructor(recipe: Recipe) {
    this.type = recipe.type;
    this.convertsToRgb = recipe.convertRgb;
    this.#recipe = recipe;
    const { target } = recipe;
    this.fixedSize = target?.kind === 'exact' ? { width: target.width, height: target.height } : undefined;
  }

  size(width: number, height: number): Size {
    return this.fixedSize ?? this.#padded({ width, height });
  }

  /** One native pass only where nothing is resized. */
  plan(width: number, height: number): PreprocessPlan | undefined {
    return this.fixedSize === undefined ? this.#planWithoutResize({ width, height, channels: 3 }) : undefined;
  }

  placement(width: number, height: number): Placement {
    const { width: gridWidth, height: gridHeight } = this.size(width, height);
    const square = this.#padded({ width, height });
    const [across, down] = [gridWidth / square.width, gridHeight / square.height];
    return { x: 0, y: 0, width: width * across, height: height * down, gridWidth, gridHeight };
  }

  async process(images: readonly SourceImage[], options: ProcessOptions = {}): Promise<ProcessedImage[]> {
    const results: ProcessedImage[] = [];
    for (const image of images) {
      const raw = toRawImage(image, this.convertsToRgb);
      results.push(await (this.fixedSize === undefined ? this.#normalized(raw, options) : this.#zoomed(raw, options)));
    }
    return results;
  }

  async processBatch(images: readonly SourceImage[], options: ProcessOptions = {}): Promise<ProcessedBatch> {
    return stackBatch(await this.process(images, options), this.#recipe);
  }

  #padded({ width, height }: Size): Size {
    const side = Math.max(width, height);
    return this.#recipe.pad ? { width: side, height: side } : { width, height };
  }

  #planWithoutResize(image: Size & Pick<RawImage, 'channels'>): PreprocessPlan {
    return { ...this.#mapping(image.channels), crop: { left: 0, top: 0, ...this.#padded(image) } };
  }

  #mapping(channels: RawImage['channels']) {
    return mappingSteps(this.#recipe.model, this.#recipe.mapping, channels);
  }

  async #normalized(image: RawImage, { signal }: ProcessOptions): Promise<ProcessedImage> {
    const job = { image, plan: this.#planWithoutResize(image) };
    const [result] = await preprocess([job], signal === undefined ? {} : { signal });
    const { data, width, height, channels } = result as NonNullable<typeof result>;
    return { pixelValues: data, width, height, channels };
  }

  async #zoomed(image: RawImage, { signal }: ProcessOptions): Promise<ProcessedImage> {
    const { channels } = image;
    const { rescale, normalize } = this.#mapping(channels);
    const target = this.size(image.width, image.height);
    const square = this.#padded(image);
    const breathe = breather(signal);
    const across = axisWeights(square.width, target.width);
    const down = axisWeights(square.height, target.height);
    const table = Float32Array.from({ length: 256 }, (_, byte) => byte * (rescale?.factor ?? 1));
    const rows = new Float32Array(image.height * target.width * channels);
    for (let row = 0; row < image.height; row += 1) {
      zoomRow(image, row, table, across, rows);
      await breathe();
    }
    const pixelValues = new Float32Array(channels * target.width * target.height);
    const mean = Float32Array.from(normalize?.mean ?? new Array(channels).fill(0));
    const std = Float32Array.from(normalize?.std ?? new Array(channels).fill(1));
    for (let row = 0; row < target.height; row += 1) {
      zoomColumns({ rows, sourceRows: image.height, channels, target, mean, std }, row, down, pixelValues);
      await breathe();
    }
    return { pixelValues, ...target, channels };
  }
}

/** Returns to the event loop when a slice is used up. @throws WeftError run/cancelled from the returned function */
function breather(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let start = performance.now();
  return () => {
    if (signal?.aborted) throw toWeftError(new DOMException('Processing was cancelled.', 'AbortError'));
    if (performance.now() - start < SLICE_MS) return undefined;
    return nextTurn().then(() => {
      start = performance.now();
    });
  };
}

/** One source row to `rows` [source height, target width, channels]. Samples right of the picture are black. */
function zoomRow(image: RawImage, row: number, table: Float32Array, across: AxisWeights, rows: Float32Array): void {
  const { data, width, channels } = image;
  const target = across.starts.length;
  const source = row * width * channels;
  for (let x = 0; x < target; x += 1) {
    const first = across.starts[x] as number;
    const offset = across.offsets[x] as number;
    const taps = Math.min((across.offsets[x + 1] as number) - offset, width - first);
    for (let channel = 0; channel < channels; channel += 1) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        const byte = data[source + (first + tap) * channels + channel] as number;
        sum += (across.weights[offset + tap] as number) * (table[byte] as number);
      }
      rows[(row * target + x) * channels + channel] = sum;
    }
  }
}

interface ColumnWork {
  readonly rows: Float32Array;
  readonly sourceRows: number;
  readonly channels: number;
  readonly target: Size;
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

/**
 * One target row, normalised, to `output` [channels, height, width]. Rows below the picture are black.
 * scikit-image's clipping to the input's range is left out: weights are positive and sum to 1.
 */
function zoomColumns(work: ColumnWork, y: number, down: AxisWeights, output: Float32Array): void {
  const { rows, sourceRows, channels, target, mean, std } = work;
  const first = down.starts[y] as number;
  const offset = down.offsets[y] as number;
  const taps = Math.min((down.offsets[y + 1] as number) - offset, sourceRows - first);
  const stride = target.width * channels;
  for (let x = 0; x < target.width; x += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        const value = rows[(first + tap) * stride + x * channels + channel] as number;
        sum += (down.weights[offset + tap] as number) * value;
      }
      const normal = (Math.fround(sum) - (mean[channel] as number)) / (std[channel] as number);
      output[(channel * target.height + y) * target.width + x] = normal;
    }
  }
}
