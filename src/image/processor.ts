/**
 * What an image processor is: pictures in, the float tensors of a model's vision input out.
 * Types and the small conversions every processor shares; the arithmetic is in the files beside this one.
 */
import { WeftError } from '../errors.ts';
import type { PreprocessPlan, RawImage } from '../native/image.ts';
import type { ImageValue } from '../protocol/value.ts';
import type { Placement } from './placement.ts';

/** A decoded picture: 8-bit RGB, or raw pixels of 1 to 4 channels. */
export type SourceImage = ImageValue | RawImage;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One picture as a model takes it. */
export interface ProcessedImage extends Size {
  readonly channels: number;
  /** float32 [channels, height, width]. */
  readonly pixelValues: Float32Array;
  /** [height, width]: 1 where there is picture, 0 where there is padding. Only of processors that give a mask. */
  readonly pixelMask?: Uint8Array;
  /** FLAVA's second picture, for its codebook. */
  readonly codebookPixels?: ProcessedImage;
}

/** A whole batch, all pictures at one size. */
export interface ProcessedBatch {
  /** [images, channels, height, width]. */
  readonly shape: readonly [number, number, number, number];
  readonly pixelValues: Float32Array;
  /** [images, height, width]. */
  readonly pixelMask?: Uint8Array;
  readonly codebookPixels?: ProcessedBatch;
}

export interface ProcessOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ImageProcessor {
  /** Name of the class in transformers, for example CLIPImageProcessor. */
  readonly type: string;
  /** Whether pictures that are not RGB are converted; else they are taken as they are. */
  readonly convertsToRgb: boolean;
  /** The size of every result, where it does not depend on the picture. */
  readonly fixedSize: Size | undefined;
  /** Size of the result for a picture of this size, processed alone. */
  size(width: number, height: number): Size;
  /** The single native pass that this processor is for such a picture; undefined where it takes more than one. */
  plan(width: number, height: number): PreprocessPlan | undefined;
  /**
   * Where such a picture as a whole lies in its result: outside where cropped, smaller where padded. Undefined where one
   * rectangle cannot tell.
   */
  placement(width: number, height: number): Placement | undefined;
  /** Each picture alone, at its own size. @throws WeftError model/bad-input, run/cancelled */
  process(images: readonly SourceImage[], options?: ProcessOptions): Promise<ProcessedImage[]>;
  /** All pictures as one batch, padded to one size where the processor pads. @throws WeftError model/bad-input, … */
  processBatch(images: readonly SourceImage[], options?: ProcessOptions): Promise<ProcessedBatch>;
}

/** The picture as the addon takes it, made RGB where asked: grey is replicated, alpha dropped without compositing. */
export function toRawImage(image: SourceImage, convertToRgb: boolean): RawImage {
  const { data, width, height } = image;
  const channels = 'channels' in image ? image.channels : 3;
  if (channels === 3 || !convertToRgb) return { data, width, height, channels };
  const rgb = new Uint8Array(width * height * 3);
  const [red, green, blue] = channels === 4 ? [0, 1, 2] : [0, 0, 0];
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
    rgb[to] = data[from + red] as number;
    rgb[to + 1] = data[from + green] as number;
    rgb[to + 2] = data[from + blue] as number;
  }
  return { data: rgb, width, height, channels: 3 };
}

/** The error for a picture that the model cannot take as it is. */
export function badPicture(model: string, expected: string, received: string): WeftError {
  return new WeftError('model/bad-input', { model, expected, input: 'image', received });
}

export function formatSize({ width, height }: Size): string {
  return `${width} x ${height}`;
}
