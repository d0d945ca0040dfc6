/** Reads the tensors of a reference file. */
import { NativeWeightFile, type StoredArray } from '../../src/native/weights.ts';

export interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly data: StoredArray;
}

export async function readReferenceTensors(path: string): Promise<ReadonlyMap<string, ReferenceTensor>> {
  const file = await NativeWeightFile.open(path);
  try {
    const tensors = new Map<string, ReferenceTensor>();
    for (const { name, shape } of file.tensors.values()) tensors.set(name, { shape, data: await file.read(name) });
    return tensors;
  } finally {
    file.close();
  }
}
