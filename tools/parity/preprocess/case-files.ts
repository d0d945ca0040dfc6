/** The files of a preprocessing case: its pictures and its reference tensors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../../src/errors.ts';
import { parseSafetensors, type SafetensorsArray, safetensorsElements } from '../../../src/models/safetensors.ts';

export interface Reference {
  readonly shape: readonly number[];
  readonly data: SafetensorsArray;
}

export class CaseFiles {
  readonly #folder: string;
  readonly #pictures = new Map<string, Promise<Uint8Array>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Encoded bytes of a picture. */
  picture(name: string): Promise<Uint8Array> {
    const known = this.#pictures.get(name) ?? readFile(join(this.#folder, 'images', name));
    this.#pictures.set(name, known);
    return known;
  }

  /** A look-up in one of the safetensors files; undefined for a key that it does not hold. */
  async references(file: string): Promise<(key: string) => Reference | undefined> {
    const path = join(this.#folder, file);
    const tensors = parseSafetensors(await readFile(path), path);
    return (key) => {
      const entry = tensors.get(key);
      if (entry === undefined) return undefined;
      const data = safetensorsElements(entry);
      // numpy shows the bits of Pillow's mode 1 as it stores them: any byte but 0 is true.
      const isBool = entry.dtype === 'BOOL' && data instanceof Uint8Array;
      return { shape: entry.shape, data: isBool ? data.map((byte) => Math.min(byte, 1)) : data };
    };
  }
}

/** The reference of a key that case.json names. @throws WeftError input/bad-file */
export function needed(find: (key: string) => Reference | undefined, key: string): Reference {
  const found = find(key);
  if (found !== undefined) return found;
  throw new WeftError('input/bad-file', { expected: `a tensor "${key}"`, path: 'the case', reason: 'it has none' });
}
