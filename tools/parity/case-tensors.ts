/** The tensors of a case: whole safetensors files, read into memory. */
import { NativeWeightFile, type StoredArray } from '../../src/native/weights.ts';

export interface Reference {
  readonly shape: readonly number[];
  readonly data: StoredArray;
}

/** By name. Rejects with `input/bad-file`. */
export async function readTensors(path: string): Promise<ReadonlyMap<string, Reference>> {
  const stored = await NativeWeightFile.open(path);
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
    return new Map(references);
  } finally {
    stored.close();
  }
}
