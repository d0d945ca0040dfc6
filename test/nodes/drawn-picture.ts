/** Small pictures whose every pixel is known. */
import { encodePng } from '../../src/image/encode.ts';
import type { ImageValue } from '../../src/protocol/value.ts';

/** Pixel (x, y) is [x * 16, y * 16, 200], modulo 256. */
export function drawnPicture(width: number, height: number, name?: string): ImageValue {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x * 16, y * 16, 200], (y * width + x) * 3);
  }
  return { kind: 'Image', data, width, height, ...(name === undefined ? {} : { name }) };
}

export function pictureFile(width: number, height: number): Promise<Uint8Array> {
  return encodePng(drawnPicture(width, height));
}
