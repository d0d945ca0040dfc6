/** How many threads one operator may use: WEFT_THREADS, or every core. */
import { availableParallelism } from 'node:os';
import { WeftError } from '../../errors.ts';

/** As the addon: src/native reads the same variable. */
const LIMIT = 256;

/** Throws `native/bad-threads` when WEFT_THREADS is set to something else than a whole number. */
export function threadCount(environment: NodeJS.ProcessEnv = process.env): number {
  const received = environment.WEFT_THREADS;
  if (received === undefined || received === '') return availableParallelism();
  const count = Number(received);
  if (!/^\d+$/.test(received) || count < 1 || count > LIMIT) {
    throw new WeftError('native/bad-threads', { limit: LIMIT, received });
  }
  return count;
}
