/** Pictures for tests: files of the parity fixture, and headers made by hand. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from './crc32.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'parity', 'preprocess', 'images');

export async function fixturePicture(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(FOLDER, name)));
}

/** A PNG whose header announces a size, with no pixels worth the name behind it. */
export function announcedPng(width: number, height: number): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Uint8Array.from([
    ...signature,
    ...chunk('IHDR', header),
    ...chunk('IDAT', new Uint8Array(8)),
    ...chunk('IEND'),
  ]);
}

function chunk(type: string, data = new Uint8Array()): number[] {
  const body = [...new TextEncoder().encode(type), ...data];
  const word = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  return [...word(data.length), ...body, ...word(crc32(body))];
}
