/** Tries again after failures that may pass, waiting longer each time. Knows neither hub nor files. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from './hub-request.ts';

export interface RetryOptions {
  /** Failures in a row without progress before giving up. */
  readonly attempts: number;
  /** Before the second try; doubled for each further one, up to half a minute. */
  readonly delayMilliseconds: number;
  readonly signal: AbortSignal | undefined;
}

const LONGEST_WAIT = 30_000;

/**
 * Calls `attempt` until it succeeds, fails for good, or has failed too often without `progress()` having changed.
 * The last `TransientError` is thrown on.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  { attempts, delayMilliseconds, signal }: RetryOptions,
  progress: () => number = () => 0,
): Promise<T> {
  let before = progress();
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof TransientError)) throw thrown;
      const now = progress();
      if (now !== before) failures = 1;
      before = now;
      if (failures >= attempts) throw thrown;
      const planned = Math.min(LONGEST_WAIT, delayMilliseconds * 2 ** (failures - 1));
      // Spread, so that many clients cut off at once do not come back at once.
      const wait = thrown.wait ?? planned * (0.75 + Math.random() / 2);
      await sleep(wait, undefined, signal === undefined ? {} : { signal });
    }
  }
}
