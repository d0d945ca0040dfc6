/** The files of a preprocessing case: its pictures and its reference tensors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../../src/errors.ts';
import { NativeWeightFile, type StoredArray } from '../../../src/native/weights.ts';

export interface Reference {
  readonly shape: readonly number[];
  readonly data: StoredArray;
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
    const stored = await NativeWeightFile.open(join(this.#folder, file));
    try {
      const tensors = [...stored.tensors.values()];
      const references = await Promise.all(
        tensors.map(async ({ name, dtype, shape }) => {
          const data = await stored.read(name);
          // numpy shows the bits of Pillow's mode 1 as it stores them: any byte but 0 is true.
          const isBool = dtype === 'BOOL' && data instanceof Uint8Array;
          return [name, { shape, data: isBool ? data.map((byte) => Math.min(byte, 1)) : data }] as const;
        }),
      );
      const found = new Map<string, Reference>(references);
      return (key) => found.get(key);
    } finally {
      stored.close();
    }
  }
}

/** The reference of a key that case.json names. @throws WeftError input/bad-file */
export function needed(find: (key: string) => Reference | undefined, key: string): Reference {
  const found = find(key);
  if (found !== undefined) return found;
  throw new WeftError('input/bad-file', { expected: `a tensor "${key}"`, path: 'the case', reason: 'it has none' });
}
