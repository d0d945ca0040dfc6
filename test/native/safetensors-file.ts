/** Reads the tensors of a reference file: uint8 and float32 only. */
import { readFileSync } from 'node:fs';

export interface ReferenceTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export function readReferenceTensors(path: string): Map<string, ReferenceTensor> {
  const file = readFileSync(path);
  const headerLength = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, ReferenceTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets.map((offset) => 8 + headerLength + offset);
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, bytes: file.subarray(start, end) });
  }
  return tensors;
}

export function asFloats(tensor: ReferenceTensor): Float32Array {
  return new Float32Array(new Uint8Array(tensor.bytes).buffer);
}
