/**
 * Awaits a native operation under an AbortSignal. Must not know any operator.
 */
import { WeftError } from '../errors.ts';
import type { NativeOperation } from './loader.ts';
import { nativeError } from './native-error.ts';

/**
 * Starts an operation and resolves to its result when it ends. An abort stops it between tiles and rejects with `run/cancelled`,
 * once no thread touches its buffers any more. Other failures reject with `native/failed`.
 */
export async function runNative<Result>(
  operator: string,
  start: () => NativeOperation<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  throwIfAborted(signal);
  let operation: NativeOperation<Result>;
  try {
    operation = start();
  } catch (error) {
    throw nativeError(operator, error);
  }
  const cancel = () => operation.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  let result: Result;
  try {
    result = await operation.promise;
  } catch (error) {
    throw nativeError(operator, error);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  // An abort that came too late to stop anything is still an abort.
  throwIfAborted(signal);
  return result;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WeftError('run/cancelled', { reason: '' }, { cause: signal.reason });
}
