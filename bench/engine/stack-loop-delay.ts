/** How late the event loop gets while a batch of ViT-B/16 runs again and again, against the same loop at rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loopDelayDuring } from '../harness/loop-delay.ts';
import { reportFigure } from '../harness/report.ts';
import { clipImageEncoder } from '../models/transformer.ts';
import { pictureStack } from './picture-stack.ts';

const SECONDS = 8;
const BATCH = 8;

export async function measureLoopDelay(): Promise<void> {
  using stack = await pictureStack(clipImageEncoder(16));
  const pixels = stack.pictures(BATCH);
  await stack.encode(pixels);
  const idleBefore = await loopDelayDuring(() => sleep(SECONDS * 1000));
  let runs = 0;
  const busy = await loopDelayDuring(async () => {
    const until = performance.now() + SECONDS * 1000;
    for (; performance.now() < until; runs += 1) await stack.encode(pixels);
  });
  const idleAfter = await loopDelayDuring(() => sleep(SECONDS * 1000));
  const idle = Math.max(idleBefore, idleAfter);
  reportFigure({
    bench: 'engine',
    case: `event-loop delay, p99, while ${stack.shape.name} runs in batches of ${BATCH}`,
    p99_ms: Number(busy.toPrecision(4)),
    idle_p99_ms: Number(idle.toPrecision(4)),
    above_idle_ms: Number((busy - idle).toPrecision(4)),
    pictures_per_second: Number(((runs * BATCH) / SECONDS).toPrecision(4)),
    goal: '< 5 ms above idle',
  });
}
