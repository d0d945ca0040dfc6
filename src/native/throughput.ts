/**
 * What the addon's threads reach at most on this machine: the floor beside which every other time is read.
 */
import { type NativeThroughput, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import type { Precision } from './stack-spec.ts';
import type { Tensor } from './tensor.ts';

export type Throughput = NativeThroughput;

/** Multiplications and additions of floats, on registers alone, by all threads; at least `operations` of them. */
export function measureMultiplyAdds(operations = 1e9): Promise<Throughput> {
  return runNative('throughput', () => nativeAddon().measureMultiplyAdds(operations));
}

/** The same of matrix products as layers do them, with weights of `precision`: packed beforehand, which is not counted. */
export function measureMatrixProducts(precision: Precision, operations = 1e9): Promise<Throughput> {
  return runNative('throughput', () => nativeAddon().measureMatrixProducts(precision, operations));
}

/** Bytes of a tensor, read once by all threads: the bandwidth of memory where the tensor is larger than every cache. */
export function measureReading(tensor: Tensor): Promise<Throughput> {
  return runNative('throughput', () => nativeAddon().measureReading(tensor.handle));
}
