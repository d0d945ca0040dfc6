/**
 * Tensors of a checkpoint as a safetensors file, copied piece by piece: the file appears under its name only when it is
 * whole. Source: the format's own description (huggingface/safetensors).
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { WeftError } from '../../errors.ts';
import { badCheckpoint } from './convert-error.ts';
import type { TorchTensor } from './torch-checkpoint.ts';
import { type OpenFile, readBytes } from './zip-directory.ts';

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes written and to be written. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Bytes that are in memory at once of a tensor that lies as it is written. */
const PIECE = 2 ** 20;
/** The format's own limit. */
const LONGEST_HEADER = 100 * 2 ** 20;
/** Of a tensor whose numbers lie in another order: its span is read whole. */
const LARGEST_SPAN = 2 ** 31;

/** Returns the file's size. Rejects with `input/bad-file`, `input/not-writable`, `run/cancelled`. */
export async function writeSafetensors(
  source: OpenFile,
  tensors: readonly TorchTensor[],
  path: string,
  options: WriteOptions = {},
): Promise<number> {
  // Larger numbers first keep every tensor on a multiple of its numbers' size.
  const ordered = tensors.toSorted((a, b) => b.dtype.bytes - a.dtype.bytes || (a.name < b.name ? -1 : 1));
  const header = headerOf(source, ordered);
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const target = await open(partial, 'wx');
    try {
      await target.appendFile(header);
      await copyAll(source, ordered, target, options);
      await target.sync();
    } finally {
      await target.close();
    }
    await rename(partial, path);
  } catch (thrown) {
    await rm(partial, { force: true });
    throw unwritable(thrown, path);
  }
  return header.length + sizeOf(ordered);
}

const bytesOf = ({ count, dtype }: TorchTensor) => count * dtype.bytes;
const sizeOf = (tensors: readonly TorchTensor[]) => tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);

/** Its length, then JSON, filled with spaces to a multiple of eight bytes. */
function headerOf({ path }: OpenFile, tensors: readonly TorchTensor[]): Buffer {
  let end = 0;
  const entries = tensors.map((tensor) => {
    const start = end;
    end += bytesOf(tensor);
    return [tensor.name, { dtype: tensor.dtype.name, shape: tensor.shape, data_offsets: [start, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries([['__metadata__', { format: 'pt' }], ...entries])));
  if (json.length > LONGEST_HEADER) throw badCheckpoint(path, 'its tensors have too many or too long names');
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return header;
}

async function copyAll(
  source: OpenFile,
  tensors: readonly TorchTensor[],
  target: FileHandle,
  { signal, onProgress }: WriteOptions,
): Promise<void> {
  const total = sizeOf(tensors);
  let done = 0;
  for (const tensor of tensors) {
    for await (const piece of isContiguous(tensor) ? pieces(source, tensor) : gathered(source, tensor)) {
      if (signal?.aborted) throw new WeftError('run/cancelled', { reason: '' }, { cause: signal.reason });
      await target.appendFile(piece);
      done += piece.length;
      onProgress?.(done, total);
    }
  }
}

/** Row-major, without gaps: axes of one number may have any stride. */
function isContiguous({ shape, strides, count }: TorchTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0 && count > 0; axis -= 1) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

async function* pieces(source: OpenFile, tensor: TorchTensor): AsyncGenerator<Buffer> {
  const first = tensor.start + tensor.offset * tensor.dtype.bytes;
  const end = first + bytesOf(tensor);
  for (let place = first; place < end; place += PIECE) {
    yield await readBytes(source, place, Math.min(PIECE, end - place));
  }
}

/** Numbers in the order of the shape, picked by their strides. Writing between pieces keeps the event loop free. */
async function* gathered(source: OpenFile, tensor: TorchTensor): AsyncGenerator<Buffer> {
  const { shape, strides, count, span, dtype } = tensor;
  if (span * dtype.bytes > LARGEST_SPAN) {
    throw badCheckpoint(source.path, `its tensor "${tensor.name}" is too large to be put into order`);
  }
  const numbers = await readBytes(source, tensor.start + tensor.offset * dtype.bytes, span * dtype.bytes);
  const place = shape.map(() => 0);
  const most = PIECE / dtype.bytes;
  let from = 0;
  for (let written = 0; written < count; written += most) {
    const piece = Buffer.allocUnsafe(Math.min(most, count - written) * dtype.bytes);
    for (let to = 0; to < piece.length; to += dtype.bytes) {
      numbers.copy(piece, to, from * dtype.bytes, (from + 1) * dtype.bytes);
      for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
        from += strides[axis]!;
        place[axis]! += 1;
        if (place[axis]! < shape[axis]!) break;
        from -= place[axis]! * strides[axis]!;
        place[axis] = 0;
      }
    }
    yield piece;
  }
}

function unwritable(thrown: unknown, path: string): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof WeftError || typeof code !== 'string') return thrown;
  return new WeftError('input/not-writable', { path, reason: `the system says ${code}` }, { cause: thrown });
}
