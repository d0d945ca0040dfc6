/**
 * Tensors in memory as a safetensors file, which appears under its name only when it is whole and on the disk.
 * Source: the format's own description (huggingface/safetensors).
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';

export interface WrittenTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'U32' | 'U8';
  readonly shape: readonly number[];
  /** Row-major; F16 as bits. */
  readonly data: Float32Array | Uint16Array | Uint32Array | Uint8Array;
}

/** Rejects with what the file system says; then nothing is left behind. */
export async function writeTensors(path: string, tensors: readonly WrittenTensor[]): Promise<void> {
  // Wider numbers first: each tensor then lies on a multiple of its numbers' size.
  const ordered = tensors.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  await writeWhole(path, async (file) => {
    await file.appendFile(headerOf(ordered));
    for (const { data } of ordered)
      await file.appendFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}

/** A file that is there whole or not at all, also after the power failed. */
export async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Its length, then JSON, filled with spaces to a multiple of eight bytes. */
function headerOf(tensors: readonly WrittenTensor[]): Buffer {
  let end = 0;
  const entries = tensors.map(({ name, dtype, shape, data }) => {
    const start = end;
    end += data.byteLength;
    return [name, { dtype, shape, data_offsets: [start, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return header;
}
