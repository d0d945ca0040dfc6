/** The files of a preprocessing case: its pictures and its reference tensors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../../src/errors.ts';
import { type Reference, readTensors } from '../case-tensors.ts';

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
    const found = await readTensors(join(this.#folder, file));
    return (key) => found.get(key);
  }
}

/** The reference of a key that case.json names. @throws WeftError input/bad-file */
export function needed(find: (key: string) => Reference | undefined, key: string): Reference {
  const found = find(key);
  if (found !== undefined) return found;
  throw new WeftError('input/bad-file', { expected: `a tensor "${key}"`, path: 'the case', reason: 'it has none' });
}
