/** Hashes files off the event loop. Knows no cache: see hash-cache.ts. */
import { WeftError } from '../../errors.ts';
import { startThread, threadEntry } from '../thread.ts';
import type { HashAnswer, HashJob } from './hash-message.ts';

/**
 * Answers in the order of the jobs; a file that cannot be read has a `failure`.
 * A started batch is finished unless the signal fires (then: `run/cancelled`).
 */
export function hashFiles(jobs: readonly HashJob[], signal?: AbortSignal): Promise<readonly HashAnswer[]> {
  if (jobs.length === 0) return Promise.resolve([]);
  if (signal?.aborted) return Promise.reject(new WeftError('run/cancelled', { reason: '' }));
  return new Promise((resolve, reject) => {
    const worker = startThread(threadEntry(import.meta.url, 'hash-worker'), { workerData: jobs });
    worker.ref();
    const stop = (): void => {
      void worker.terminate();
      reject(new WeftError('run/cancelled', { reason: '' }));
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.once('message', resolve);
    worker.once('error', (cause) => reject(new WeftError('internal', {}, { cause })));
    // After an answer this rejection has no effect.
    worker.once('exit', () => {
      signal?.removeEventListener('abort', stop);
      reject(new WeftError('internal'));
    });
  });
}
