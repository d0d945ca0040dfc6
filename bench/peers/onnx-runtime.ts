/** ONNX Runtime's node package in this process, at its best: all graph optimisations, as many threads as we have. */
import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export const ONNX_RUNTIME = `ONNX Runtime ${(createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version}`;

export type Feeds = Readonly<Record<string, Tensor>>;

export function openSession(path: string, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(path, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
}

export function floats(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor('float32', data, shape);
}

export function integers(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

/** One output as floats. */
export async function outputOf(session: InferenceSession, feeds: Feeds, name = 'y'): Promise<Float32Array> {
  return (await session.run(feeds))[name]!.data as Float32Array;
}
