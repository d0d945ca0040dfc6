/**
 * The palette indices of a PNG. Decoders give colours, but Pillow works on indices while a picture is not converted.
 * Reads palette PNGs that are not interlaced, of 1, 2, 4 or 8 bits; nothing else.
 */
import { inflateSync } from 'node:zlib';
import { WeftError } from '../../../src/errors.ts';
import type { RawImage } from '../../../src/native/image.ts';

const PALETTE = 3;

/** One channel: the index of each pixel. @throws WeftError input/bad-image */
export function paletteIndices(file: Uint8Array, name: string): RawImage {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-image', { name, reason });
  };
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const bits = file[24] as number;
  if (file[25] !== PALETTE || file[28] !== 0) fail('only palettes that are not interlaced can be read as indices');
  const rowBytes = Math.ceil((width * bits) / 8);
  const packed = unfilter(inflateSync(Buffer.concat(dataChunks(file, view))), rowBytes, height);
  const data = new Uint8Array(width * height);
  const perByte = 8 / bits;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const byte = packed[y * rowBytes + Math.floor(x / perByte)] as number;
      const shift = 8 - bits - (x % perByte) * bits;
      data[y * width + x] = (byte >> shift) & ((1 << bits) - 1);
    }
  }
  return { data, width, height, channels: 1 };
}

function dataChunks(file: Uint8Array, view: DataView): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (type === 'IDAT') chunks.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return chunks;
}

/** Undoes the row filters of PNG (specification, section 9.2) for pixels of one byte or less. */
function unfilter(filtered: Uint8Array, rowBytes: number, height: number): Uint8Array {
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y += 1) {
    const type = filtered[y * (rowBytes + 1)] as number;
    for (let x = 0; x < rowBytes; x += 1) {
      const at = y * rowBytes + x;
      const left = x > 0 ? (rows[at - 1] as number) : 0;
      const above = y > 0 ? (rows[at - rowBytes] as number) : 0;
      const corner = x > 0 && y > 0 ? (rows[at - rowBytes - 1] as number) : 0;
      rows[at] = (filtered[y * (rowBytes + 1) + 1 + x] as number) + predicted(type, left, above, corner);
    }
  }
  return rows;
}

function predicted(type: number, left: number, above: number, corner: number): number {
  if (type === 1) return left;
  if (type === 2) return above;
  if (type === 3) return (left + above) >> 1;
  if (type !== 4) return 0;
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value)) as number[];
  if (toLeft! <= toAbove! && toLeft! <= toCorner!) return left;
  return toAbove! <= toCorner! ? above : corner;
}
