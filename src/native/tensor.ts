/**
 * Numbers that stay in the addon until JavaScript asks for them. Release what you no longer need: the garbage collector
 * does it too, but later. Must not compute.
 */
import { WeftError } from '../errors.ts';
import { type NativeHandle, nativeAddon } from './loader.ts';
import { nativeError } from './native-error.ts';

export type NativeDtype = 'float32';

export class Tensor {
  readonly shape: readonly number[];
  readonly dtype: NativeDtype = 'float32';
  readonly device = 'cpu' as const;
  #handle: NativeHandle<'tensor'> | undefined;

  private constructor(handle: NativeHandle<'tensor'>, shape: readonly number[]) {
    this.#handle = handle;
    this.shape = shape;
  }

  /** Wraps a handle that the addon made. */
  static adopt(handle: NativeHandle<'tensor'>, shape: readonly number[]): Tensor {
    return new Tensor(handle, shape);
  }

  /** A copy of `data`. Throws `native/bad-argument` when the shape does not fit, `native/out-of-memory`. */
  static from(data: Float32Array, shape: readonly number[]): Tensor {
    const count = shape.reduce((product, side) => product * side, 1);
    if (!(data instanceof Float32Array) || !shape.every((side) => Number.isSafeInteger(side) && side >= 0)) {
      throw new WeftError('native/bad-argument', {
        operator: 'tensor',
        argument: 'data, shape',
        expected: 'a Float32Array and whole numbers',
        received: `${typeof data}, [${shape.join(', ')}]`,
      });
    }
    if (count !== data.length) {
      throw new WeftError('native/bad-argument', {
        operator: 'tensor',
        argument: 'data',
        expected: `${count} numbers for shape [${shape.join(', ')}]`,
        received: `${data.length}`,
      });
    }
    try {
      return new Tensor(nativeAddon().tensorFrom(data, shape), shape);
    } catch (error) {
      throw nativeError('tensor', error);
    }
  }

  get count(): number {
    return this.shape.reduce((product, side) => product * side, 1);
  }

  /** For other wrappers of this folder. Throws `native/released`. */
  get handle(): NativeHandle<'tensor'> {
    if (this.#handle === undefined) throw new WeftError('native/released', { what: 'tensor' });
    return this.#handle;
  }

  /** A copy of the numbers, row-major. Throws `native/released`. */
  toFloats(): Float32Array<ArrayBuffer> {
    const floats = new Float32Array(Buffer.allocUnsafeSlow(4 * this.count).buffer);
    nativeAddon().tensorRead(this.handle, floats);
    return floats;
  }

  /** Lets go of the memory; again is harmless. Runs that use the tensor keep it until they end. */
  release(): void {
    if (this.#handle === undefined) return;
    nativeAddon().tensorRelease(this.#handle);
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
