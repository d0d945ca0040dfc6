/** Threads of ONNX Runtime for programs that load models without an application: one pool for all of them. */
import { OnnxPool } from './pool.ts';

let pool: OnnxPool | undefined;

/** Made when it is first asked for; idle threads do not keep a program from ending. */
export function sharedPool(): OnnxPool {
  pool ??= new OnnxPool();
  return pool;
}
