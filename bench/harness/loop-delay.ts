/** How late the event loop gets. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** 99th percentile of how long a 1 ms timer really took while `work` went on, in milliseconds. */
export async function loopDelayDuring(work: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}
