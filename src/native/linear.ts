/**
 * A linear layer in the addon: weights packed once, run on tensors with bias, activation and residual fused.
 */
import { WeftError } from '../errors.ts';
import { expectOneOf, expectTensor } from './argument.ts';
import { type NativeHandle, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import { type OperatorOptions, tensorOf } from './rows.ts';
import { ACTIVATION_NAMES, type ActivationName, type LinearSpec, type Precision } from './stack-spec.ts';
import type { Tensor } from './tensor.ts';

export interface LinearOptions extends OperatorOptions {
  readonly activation?: ActivationName;
  /** Added at the end; the shape of the result. */
  readonly residual?: Tensor;
}

export class Linear {
  readonly inputs: number;
  readonly outputs: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  #handle: NativeHandle<'linear'> | undefined;

  private constructor(made: { handle: NativeHandle<'linear'>; inputs: number; outputs: number; bytes: number }) {
    this.#handle = made.handle;
    this.inputs = made.inputs;
    this.outputs = made.outputs;
    this.bytes = made.bytes;
  }

  /**
   * Packs the weights, shared with whoever uses the same ones of the same file. Rejects with `native/bad-argument`,
   * `native/not-finite`, `native/out-of-memory`, `run/cancelled`.
   */
  static async build(
    spec: LinearSpec,
    { precision = 'fp32', signal }: OperatorOptions & { readonly precision?: Precision } = {},
  ): Promise<Linear> {
    return new Linear(await runNative('linear', () => nativeAddon().buildLinear(spec, precision), signal));
  }

  /**
   * activation(x W^T + bias) + residual: [..., inputs] to [..., outputs]. Rejects with `native/bad-argument`,
   * `native/released`, `native/out-of-memory`, `run/cancelled`.
   */
  async run(x: Tensor, { activation = 'none', residual, signal }: LinearOptions = {}): Promise<Tensor> {
    const handle = this.#live();
    expectTensor('linear', 'x', x, ['...', this.inputs]);
    expectOneOf('linear', 'activation', activation, ACTIVATION_NAMES);
    const shape = [...x.shape.slice(0, -1), this.outputs];
    const options = {
      activation,
      ...(residual === undefined ? {} : { residual: expectTensor('linear', 'residual', residual, shape).handle }),
    };
    return await tensorOf('linear', () => nativeAddon().runLinear(handle, x.handle, options), signal);
  }

  /** Lets go of the weights no one else uses; runs under way keep them until they end. */
  release(): void {
    if (this.#handle === undefined) return;
    nativeAddon().releaseLinear(this.#handle);
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #live(): NativeHandle<'linear'> {
    if (this.#handle === undefined) throw new WeftError('native/released', { what: 'linear layer' });
    return this.#handle;
  }
}
