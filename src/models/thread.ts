/**
 * Starts a worker thread from a module of this package, from built JavaScript and from TypeScript sources alike.
 * Knows nothing about what the thread does.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { WeftError } from '../errors.ts';

/**
 * Where the built module of a thread lies. Node 20 cannot run TypeScript in a thread, so a caller that itself runs from
 * sources (tests, tsx) gets the module that `npm run build` wrote.
 * @param caller the `import.meta.url` of the module that asks
 * @param name the module beside it, without extension: `worker`
 */
export function threadEntry(caller: string, name: string): URL {
  const beside = new URL(`./${name}.js`, caller);
  if (!caller.endsWith('.ts')) return beside;
  const source = fileURLToPath(beside);
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const built = new URL(`dist/${source.slice(root.length).replaceAll('\\', '/')}`, new URL('../../', import.meta.url));
  if (!existsSync(built)) {
    throw new WeftError('model/thread-not-built', { path: fileURLToPath(built) });
  }
  return built;
}

/** A thread that keeps the process alive only while someone has called `ref()` on it. */
export function startThread(entry: URL, options: WorkerOptions = {}): Worker {
  // The flags of this process (`--input-type`, `--import`) are about its own entry, not about the thread's.
  const worker = new Worker(entry, { execArgv: [], ...options });
  worker.unref();
  return worker;
}
