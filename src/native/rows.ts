/**
 * Operators of the addon on the last axis of tensors: norms, softmax, activations, argmax. Every one gives a new tensor
 * of the same shape (argmax: numbers) and works on the addon's threads. All reject with `native/bad-argument`,
 * `native/released`, `native/out-of-memory`, `run/cancelled`.
 */
import { expectNumber, expectOneOf, expectTensor } from './argument.ts';
import { type NativeOperation, type NativeTensorResult, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import { ACTIVATION_NAMES, type ActivationName } from './stack-spec.ts';
import { Tensor } from './tensor.ts';

export interface OperatorOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface NormOptions extends OperatorOptions {
  /** Shape [width]; ones when left out. */
  readonly weight?: Tensor;
  /** Shape [width]; zeros when left out. */
  readonly bias?: Tensor;
  /** 1e-5 when left out. */
  readonly epsilon?: number;
}

/** (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis (Ba et al. 2016). */
export function layerNorm(x: Tensor, options: NormOptions = {}): Promise<Tensor> {
  return norm('layerNorm', 'layer', x, options);
}

/** x / sqrt(mean of squares + epsilon) * weight + bias over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm(x: Tensor, options: NormOptions = {}): Promise<Tensor> {
  return norm('rmsNorm', 'rms', x, options);
}

async function norm(operator: string, kind: 'layer' | 'rms', x: Tensor, options: NormOptions): Promise<Tensor> {
  const { weight, bias, epsilon = 1e-5, signal } = options;
  expectTensor(operator, 'x', x, ['...', 'width']);
  const width = x.shape.at(-1)!;
  expectNumber(operator, 'epsilon', epsilon, 0, Number.MAX_VALUE);
  const request = {
    kind,
    epsilon,
    ...(weight === undefined ? {} : { weight: expectTensor(operator, 'weight', weight, [width]).handle }),
    ...(bias === undefined ? {} : { bias: expectTensor(operator, 'bias', bias, [width]).handle }),
  };
  return await tensorOf(operator, () => nativeAddon().normaliseRows(x.handle, request), signal);
}

/** exp(x - max) / sum over the last axis; a row of -infinity gives zeros, one with NaN or +infinity NaN. */
export async function softmax(x: Tensor, { signal }: OperatorOptions = {}): Promise<Tensor> {
  expectTensor('softmax', 'x', x, ['...', 'width']);
  return await tensorOf('softmax', () => nativeAddon().softmaxRows(x.handle), signal);
}

/** x / max(|x|, epsilon) over the last axis, as torch.nn.functional.normalize; epsilon is 1e-12 when left out. */
export async function l2Normalise(
  x: Tensor,
  { epsilon = 1e-12, signal }: OperatorOptions & { readonly epsilon?: number } = {},
): Promise<Tensor> {
  expectTensor('l2Normalise', 'x', x, ['...', 'width']);
  expectNumber('l2Normalise', 'epsilon', epsilon, 0, Number.MAX_VALUE);
  return await tensorOf('l2Normalise', () => nativeAddon().l2NormaliseRows(x.handle, epsilon), signal);
}

/** activation(x), number by number. */
export async function activate(
  x: Tensor,
  activation: ActivationName,
  { signal }: OperatorOptions = {},
): Promise<Tensor> {
  expectTensor('activate', 'x', x, ['...', 'width']);
  expectOneOf('activate', 'activation', activation, ACTIVATION_NAMES);
  return await tensorOf('activate', () => nativeAddon().activateRows(x.handle, activation), signal);
}

/** The first place of the largest number of each row, of its first NaN where there is one, as torch.argmax. */
export async function argmax(x: Tensor, { signal }: OperatorOptions = {}): Promise<Int32Array> {
  expectTensor('argmax', 'x', x, ['...', 'width']);
  expectNumber('argmax', 'width of x', x.shape.at(-1)!, 1, 2 ** 31 - 1);
  return await runNative('argmax', () => nativeAddon().argmaxRows(x.handle), signal);
}

/** Awaits an operation whose result is a tensor; for the other wrappers of this folder. */
export async function tensorOf(
  operator: string,
  start: () => NativeOperation<NativeTensorResult>,
  signal: AbortSignal | undefined,
): Promise<Tensor> {
  const { handle, shape } = await runNative(operator, start, signal);
  return Tensor.adopt(handle, shape);
}
