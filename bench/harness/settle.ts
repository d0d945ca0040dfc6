/**
 * Waits until the threads of this process rest: ONNX Runtime's and OpenMP's spin for many milliseconds after a run, and would
 * take the cores from whoever comes next.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const WINDOW = 4;
/** Share of one core; the timer itself costs some. */
const RESTING = 0.15;
const MOST_WINDOWS = 50;

export async function settled(): Promise<void> {
  for (let window = 0; window < MOST_WINDOWS; window += 1) {
    const before = process.cpuUsage();
    const start = performance.now();
    await sleep(WINDOW);
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 < RESTING * (performance.now() - start)) return;
  }
}
