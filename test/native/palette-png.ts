/** The palette indices of an 8-bit, non-interlaced palette PNG, which no decoder at hand gives out. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { RawImage } from '../../src/native/image.ts';

export function readPaletteIndices(path: string): RawImage {
  const file = readFileSync(path);
  const parts: Buffer[] = [];
  let [width, height] = [0, 0];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      if (body[8] !== 8 || body[9] !== 3 || body[12] !== 0) throw new Error(`${path}: not a plain 8-bit palette PNG`);
    }
    if (type === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const rows = inflateSync(Buffer.concat(parts));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) unfilter(rows, data, width, y);
  return { data, width, height, channels: 1 };
}

/** PNG's five row filters with one byte per pixel (PNG specification, section 9). */
function unfilter(rows: Buffer, data: Uint8Array, width: number, y: number): void {
  const filter = rows[y * (width + 1)]!;
  for (let x = 0; x < width; x += 1) {
    const left = x > 0 ? data[y * width + x - 1]! : 0;
    const up = y > 0 ? data[(y - 1) * width + x]! : 0;
    const corner = x > 0 && y > 0 ? data[(y - 1) * width + x - 1]! : 0;
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
    data[y * width + x] = rows[y * (width + 1) + 1 + x]! + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
