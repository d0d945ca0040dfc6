/** Writes float weights as a safetensors file, for peers in other processes. */
import { open } from 'node:fs/promises';
import type { Weights } from './transformer.ts';

export async function writeWeights(path: string, weights: Weights): Promise<void> {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { data, shape }] of weights) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.concat([size, text]));
    for (const { data } of weights.values()) {
      await file.writeFile(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
  } finally {
    await file.close();
  }
}
