/** From an abort to the rejected promise, when no thread touches the buffers any more; aborts at any moment of a run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from '../harness/measure.ts';
import { reportFigure } from '../harness/report.ts';
import { randomUniform } from '../models/random.ts';
import { clipImageEncoder } from '../models/transformer.ts';
import { pictureStack } from './picture-stack.ts';

const ABORTS = 220;
const BATCH = 8;

export async function measureCancellation(): Promise<void> {
  using stack = await pictureStack(clipImageEncoder(16));
  const pixels = stack.pictures(BATCH);
  await stack.encode(pixels);
  const start = performance.now();
  await stack.encode(pixels);
  const whole = performance.now() - start;
  const delays = randomUniform(31, ABORTS, 0.5, 0.5);
  const latencies: number[] = [];
  let finished = 0;
  for (const delay of delays) {
    const controller = new AbortController();
    let end = 0;
    const run = stack.encode(pixels, controller.signal).then(
      () => {
        finished += 1;
      },
      () => {
        end = performance.now();
      },
    );
    await sleep(delay * 0.9 * whole);
    const aborted = performance.now();
    controller.abort();
    await run;
    if (end > 0) latencies.push(end - aborted);
  }
  reportFigure({
    bench: 'engine',
    case: `cancelling ${stack.shape.name} in batches of ${BATCH}`,
    p50_ms: Number(median(latencies).toPrecision(4)),
    p99_ms: Number(percentile(latencies, 0.99).toPrecision(4)),
    most_ms: Number(Math.max(...latencies).toPrecision(4)),
    aborts: latencies.length,
    finished_before_the_abort: finished,
    whole_run_ms: Number(whole.toPrecision(4)),
    goal: 'p99 <= 20 ms',
  });
}
