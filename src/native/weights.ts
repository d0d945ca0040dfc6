/**
 * Safetensors files, memory-mapped by the addon: a checked table of tensors, and copies of small ones. The weights
 * themselves stay in the file; stacks read them there. Must not know models or folders.
 */
import { setImmediate } from 'node:timers/promises';
import { WeftError } from '../errors.ts';
import { type NativeHandle, nativeAddon } from './loader.ts';
import { nativeError } from './native-error.ts';
import { runNative } from './operation.ts';

/** Element types of the format that can be read here; a file may hold others. */
export type StoredDtype =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'F64'
  | 'I64'
  | 'U64';

export interface StoredTensor {
  readonly name: string;
  /** As the file spells it: a StoredDtype, or one of the format's rarer types. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export type StoredArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Tensors described per turn of the event loop: about two milliseconds' work. */
const LISTED_AT_ONCE = 1024;

export class NativeWeightFile {
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Every tensor of the file, ordered by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  #handle: NativeHandle<'weights'> | undefined;

  private constructor(
    path: string,
    bytes: number,
    tensors: ReadonlyMap<string, StoredTensor>,
    handle: NativeHandle<'weights'>,
  ) {
    this.path = path;
    this.bytes = bytes;
    this.tensors = tensors;
    this.#handle = handle;
  }

  /**
   * Maps the file and checks its header, on a thread of the addon. The same file opened again while in use shares its
   * memory. Rejects with `input/bad-file`, `run/cancelled`, `native/failed`.
   */
  static async open(path: string, options: { signal?: AbortSignal | undefined } = {}): Promise<NativeWeightFile> {
    const { handle, count, bytes } = await fileOperation(path, () =>
      runNative('openWeights', () => nativeAddon().openWeights(path), options.signal),
    );
    const tensors = new Map<string, StoredTensor>();
    while (tensors.size < count) {
      if (tensors.size > 0) await setImmediate();
      for (const tensor of nativeAddon().listWeights(handle, tensors.size, LISTED_AT_ONCE)) {
        tensors.set(tensor.name, tensor);
      }
    }
    return new NativeWeightFile(path, bytes, tensors, handle);
  }

  /** What the addon's operators take for this file. Throws `native/released` after `close`. */
  get handle(): NativeHandle<'weights'> {
    if (this.#handle === undefined) throw new WeftError('native/released', { what: `the weight file "${this.path}"` });
    return this.#handle;
  }

  /**
   * The elements as a typed array of their own memory; F16, BF16 as their bits, BOOL and the rarer types as bytes.
   * Rejects with `input/bad-file` for an unknown name or a file that was written to since, `native/released`.
   */
  async read(name: string): Promise<StoredArray> {
    const { dtype, bytes } = this.#tensor(name);
    const data = new Uint8Array(bytes);
    await this.#copy(name, data);
    return typedArray(dtype, data.buffer);
  }

  /** The elements of an F64, F32, F16 or BF16 tensor as float32. Rejects as `read` does. */
  async readFloats(name: string): Promise<Float32Array> {
    const { dtype, bytes } = this.#tensor(name);
    const width = FLOAT_BYTES[dtype];
    if (width === undefined) {
      const expected = `floats in the tensor "${name}"`;
      throw new WeftError('input/bad-file', { expected, path: this.path, reason: `it has dtype ${dtype}` });
    }
    const floats = new Float32Array(bytes / width);
    await this.#copy(name, floats);
    return floats;
  }

  /**
   * Tells the SHA-256 of the file's content, in hexadecimal: packed weights are kept on disk under it. Throws
   * `native/released`.
   */
  identify(hash: string): void {
    nativeAddon().identifyWeights(this.handle, hash);
  }

  /** Lets go of the file. Stacks and reads that use it keep it mapped until they end; later reads are refused. */
  close(): void {
    if (this.#handle !== undefined) nativeAddon().closeWeights(this.#handle);
    this.#handle = undefined;
  }

  #tensor(name: string): StoredTensor {
    const tensor = this.tensors.get(name);
    if (tensor !== undefined) return tensor;
    throw new WeftError('input/bad-file', {
      expected: `a tensor "${name}"`,
      path: this.path,
      reason: 'it has none of that name',
    });
  }

  async #copy(name: string, target: Uint8Array | Float32Array): Promise<void> {
    const { handle } = this;
    await fileOperation(this.path, () =>
      runNative('readWeights', () => nativeAddon().readWeights(handle, name, target)),
    );
  }
}

const FLOAT_BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** Tells complaints about the file's content with its path. */
async function fileOperation<Result>(path: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    const error = nativeError('weights', thrown);
    const { cause } = error;
    if (!(cause instanceof Error) || (cause as { code?: unknown }).code !== 'input/bad-file') throw error;
    throw new WeftError('input/bad-file', { expected: 'a safetensors file', path, reason: cause.message }, { cause });
  }
}

/** All platforms that Weft runs on are little-endian, as the format is. */
function typedArray(dtype: string, buffer: ArrayBuffer): StoredArray {
  switch (dtype) {
    case 'I8':
      return new Int8Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'U16':
    case 'F16':
    case 'BF16':
      return new Uint16Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'U32':
      return new Uint32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U64':
      return new BigUint64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
