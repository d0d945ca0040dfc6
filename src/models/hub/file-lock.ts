/**
 * One download of a file at a time, among all processes of this machine: a file that exists while it runs.
 * A holder that died stops touching it, and then it may be taken.
 */
import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const TOUCH_MILLISECONDS = 2_000;
/** Longer than any pause between touches, also on a busy machine. */
const STALE_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 200;

/** Runs `work` while no one else holds `path`. Waits for its turn; rejects with the signal's reason. */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await take(path))) {
    await sleep(POLL_MILLISECONDS, undefined, signal === undefined ? {} : { signal });
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, TOUCH_MILLISECONDS);
  touching.unref();
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  const held = await stat(path).catch(() => undefined);
  if (held !== undefined && Date.now() - held.mtimeMs > STALE_MILLISECONDS) await rm(path, { force: true });
  return false;
}
