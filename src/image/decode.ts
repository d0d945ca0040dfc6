/**
 * Encoded bytes -> 8-bit RGB, equal to Pillow's `ImageOps.exif_transpose(image).convert("RGB")`, through sharp.
 * Decodes bytes only: never opens a path, so that file access stays in one place. docs/preprocessing.md tells what
 * differs from Pillow and why.
 */
import sharp, { type Sharp } from 'sharp';
import { toWeftError, WeftError } from '../errors.ts';
import { pictureFormat } from '../protocol/picture-format.ts';
import type { ImageValue } from '../protocol/value.ts';
import { lightOfInk } from './ink.ts';
import { isCmykJpeg } from './jpeg-ink.ts';

/** 2^27 pixels: 11,585 x 11,585, 400 MB decoded. */
export const DEFAULT_MAX_PIXELS = 2 ** 27;

export interface DecodeOptions {
  /** What messages call the picture, and the name the result carries: a file name, never a full path. */
  readonly name?: string | undefined;
  /** A header that announces more is refused before anything is allocated. */
  readonly maxPixels?: number | undefined;
  /** Convert with the embedded ICC profile to sRGB. Off by default: models were trained on pictures that ignore it. */
  readonly colorManaged?: boolean | undefined;
  /** Apply the EXIF orientation. On by default. */
  readonly orient?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A picture as its file stores it, before any conversion to RGB and without EXIF rotation. */
export interface OpenedImage {
  /** Pillow's name of the layout. A palette (`P`) is expanded to RGB without transparency, a bit (`1`) to 0 or 255. */
  readonly mode: '1' | 'L' | 'LA' | 'RGB' | 'RGBA' | 'CMYK' | 'I;16' | 'P';
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  /** Interleaved, row-major; 16 bits a sample only for `I;16`. */
  readonly data: Uint8Array | Uint16Array;
}

/**
 * Decodes the first frame of a picture.
 * The result's `data` is the decoder's own memory: it may be read anywhere, but not put in a transfer list.
 * @throws WeftError input/bad-image, input/image-too-large, run/cancelled
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<ImageValue> {
  const { data, info } = await guarded(bytes, options, () => decodeRgb(bytes, options));
  const image = { kind: 'Image' as const, data: plainBytes(data), width: info.width, height: info.height };
  return options.name === undefined ? image : { ...image, name: options.name };
}

/**
 * Decodes the first frame and keeps the file's own channels: grey, grey with alpha, RGB, RGBA, CMYK, 16-bit grey.
 * @throws WeftError input/bad-image, input/image-too-large, run/cancelled
 */
export async function decodeOpened(bytes: Uint8Array, options: DecodeOptions = {}): Promise<OpenedImage> {
  return guarded(bytes, options, async () => {
    const source = sharp(bytes, { ...inputOptions(options), ignoreIcc: true });
    const metadata = await source.metadata();
    if (metadata.space === 'cmyk') {
      const { data, info } = await rawOutput(source.pipelineColourspace('cmyk').toColourspace('cmyk'));
      return { mode: 'CMYK', width: info.width, height: info.height, channels: 4, data: plainBytes(data) };
    }
    const isGrey = metadata.channels <= 2;
    if (isGrey && metadata.depth === 'ushort' && !metadata.hasAlpha) {
      const { data, info } = await source.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer(WITH_INFO);
      return { mode: 'I;16', width: info.width, height: info.height, channels: 1, data: shorts(data) };
    }
    const isPalette = metadata.isPalette === true || metadata.format === 'gif';
    const pipeline = isPalette ? source.removeAlpha() : source;
    const { data, info } = await rawOutput(pipeline.toColourspace('srgb'));
    const size = { width: info.width, height: info.height };
    if (isPalette) return { mode: 'P', ...size, channels: 3, data: plainBytes(data) };
    if (!isGrey) {
      const channels = info.channels === 4 ? 4 : 3;
      return { mode: channels === 4 ? 'RGBA' : 'RGB', ...size, channels, data: plainBytes(data) };
    }
    // Grey was replicated into R, G and B: keep R, and the alpha behind B.
    if (info.channels === 4) return { mode: 'LA', ...size, channels: 2, data: pickChannels(data, 4, [0, 3]) };
    const mode = metadata.bitsPerSample === 1 ? '1' : 'L';
    return { mode, ...size, channels: 1, data: pickChannels(data, info.channels, [0]) };
  });
}

const WITH_INFO = { resolveWithObject: true } as const;

async function decodeRgb(bytes: Uint8Array, options: DecodeOptions) {
  const { colorManaged = false, orient: autoOrient = true } = options;
  const source = sharp(bytes, { ...inputOptions(options), autoOrient, ignoreIcc: !colorManaged }).removeAlpha();
  if (colorManaged || !(await isCmyk(bytes, options))) return await rawOutput(source.toColourspace('srgb'));
  const { data, info } = await rawOutput(source.pipelineColourspace('cmyk').toColourspace('cmyk'));
  return { data: await lightOfInk(data), info };
}

async function isCmyk(bytes: Uint8Array, options: DecodeOptions): Promise<boolean> {
  if (pictureFormat(bytes) !== 'tiff') return isCmykJpeg(bytes);
  return (await sharp(bytes, inputOptions(options)).metadata()).space === 'cmyk';
}

function inputOptions(options: DecodeOptions) {
  // `error` refuses what is cut short or broken, and lets pass what Pillow lets pass: stray bytes between segments.
  return { failOn: 'error', limitInputPixels: options.maxPixels ?? DEFAULT_MAX_PIXELS } as const;
}

function rawOutput(pipeline: Sharp) {
  return pipeline.raw({ depth: 'uchar' }).toBuffer(WITH_INFO);
}

/** Runs a decoder and tells its failures in the catalogue's words. */
async function guarded<T>(bytes: Uint8Array, options: DecodeOptions, decode: () => Promise<T>): Promise<T> {
  const name = options.name ?? 'the picture';
  throwIfAborted(options.signal);
  if (bytes.length === 0) throw new WeftError('input/bad-image', { name, reason: 'it is empty' });
  if (pictureFormat(bytes) === undefined) {
    throw new WeftError('input/bad-image', { name, reason: 'its first bytes are of no supported picture format' });
  }
  let decoded: T;
  try {
    decoded = await decode();
  } catch (cause) {
    throw await told(cause, bytes, name, options);
  }
  throwIfAborted(options.signal);
  return decoded;
}

async function told(cause: unknown, bytes: Uint8Array, name: string, options: DecodeOptions): Promise<WeftError> {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/exceeds pixel limit/i.test(message)) {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const limit = options.maxPixels ?? DEFAULT_MAX_PIXELS;
    return new WeftError('input/image-too-large', { name, limit, width, height }, { cause });
  }
  return new WeftError('input/bad-image', { name, reason: reasonOf(message) }, { cause });
}

function reasonOf(message: string): string {
  if (/premature end|read error|truncated|unexpected end|out of data|ended/i.test(message)) {
    return 'it ends too early or is damaged';
  }
  if (/unsupported|not a known|not in a known/i.test(message)) return 'this variant of its format is not supported';
  return `it is damaged (${message.split('\n')[0]?.trim()})`;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw toWeftError(new DOMException('Decoding was cancelled.', 'AbortError'));
}

/** A Uint8Array over the same memory: a Buffer's `slice` and JSON form would surprise whoever expects bytes. */
function plainBytes(data: Uint8Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function shorts(data: Buffer): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}

function pickChannels(data: Uint8Array, channels: number, picked: readonly number[]): Uint8Array {
  const pixels = data.length / channels;
  const result = new Uint8Array(pixels * picked.length);
  for (let pixel = 0, at = 0; pixel < pixels; pixel += 1) {
    for (const channel of picked) {
      result[at] = data[pixel * channels + channel] as number;
      at += 1;
    }
  }
  return result;
}
