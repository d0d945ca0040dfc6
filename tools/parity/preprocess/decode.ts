/** Compares decoded pictures, byte for byte. */
import { decodeImage, decodeOpened } from '../../../src/image/decode.ts';
import { difference, EQUAL, type Numbers } from '../compare.ts';
import type { Outcome } from '../outcome.ts';
import { type CaseFiles, needed } from './case-files.ts';
import type { DecodeEntry } from './case-format.ts';
import { arrayShape } from './opened-image.ts';

export async function* compareDecoded(files: CaseFiles, entries: readonly DecodeEntry[]): AsyncIterable<Outcome> {
  const find = await files.references('decode.safetensors');
  for (const entry of entries) {
    const id = `decode ${entry.key}`;
    const bytes = await files.picture(entry.image);
    const ours = entry.key.endsWith('/raw') ? await rawArray(bytes, entry.image) : await rgbArray(bytes, entry.image);
    const found = difference(ours, needed(find, entry.key), EQUAL);
    if (found === undefined) {
      yield { id, status: 'passed' };
    } else {
      // Of 16-bit grey, Pillow's own choice turns most pictures white; the case also holds the sensible reading.
      const sensible = entry.quirk === undefined ? undefined : find(`${entry.image}/high_byte`);
      const other = sensible === undefined ? found : difference(ours, sensible, EQUAL);
      if (other === undefined) yield { id, status: 'passed', note: 'quirk: equal to the high byte instead' };
      else yield { id, status: 'failed', note: other };
    }
  }
}

interface Pixels {
  readonly data: Numbers;
  readonly shape: readonly number[];
}

async function rgbArray(bytes: Uint8Array, name: string): Promise<Pixels> {
  const { data, width, height } = await decodeImage(bytes, { name });
  return { data, shape: [height, width, 3] };
}

async function rawArray(bytes: Uint8Array, name: string): Promise<Pixels> {
  const opened = await decodeOpened(bytes, { name });
  return { data: opened.data, shape: arrayShape(opened) };
}
