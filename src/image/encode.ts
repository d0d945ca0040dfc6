/** Pixels -> PNG or JPEG bytes, through sharp. Never resizes, never writes files. */
import sharp, { type Sharp } from 'sharp';

/** 8-bit interleaved pixels: an ImageValue (RGB, `channels` left out) or a raw picture of 1 to 4 channels. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels?: 1 | 2 | 3 | 4;
}

export interface JpegOptions {
  /** 1 to 100; 90 by default. */
  readonly quality?: number;
}

/** Lossless; the fastest compression that still shrinks flat drawings well. */
export async function encodePng(image: Pixels): Promise<Uint8Array> {
  return bytesOf(pixelSource(image).png({ compressionLevel: 6 }));
}

/** Alpha, where there is some, is dropped: JPEG has none. */
export async function encodeJpeg(image: Pixels, options: JpegOptions = {}): Promise<Uint8Array> {
  return bytesOf(
    pixelSource(image)
      .removeAlpha()
      .jpeg({ quality: options.quality ?? 90 }),
  );
}

/** A sharp pipeline over raw pixels, for what is composed on top of a picture. */
export function pixelSource({ data, width, height, channels = 3 }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

async function bytesOf(pipeline: Sharp): Promise<Uint8Array> {
  const data = await pipeline.toBuffer();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
