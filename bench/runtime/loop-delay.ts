/** How late the event loop gets while a big ONNX encoder runs in the worker pool, against the same loop at rest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OnnxPool } from '../../src/models/onnx/pool.ts';
import { loopDelayDuring } from '../harness/loop-delay.ts';
import { reportFigure } from '../harness/report.ts';
import { writeEncoder } from './onnx-file.ts';

const SECONDS = 5;
/** 6 x 3584 x 3584 x 4 bytes = 308 MB; 50 rows are the tokens of one picture at 224 pixels and patches of 32. */
const SHAPE = { layers: 6, width: 3584 };
const ROWS = 50;

export async function measureLoopDelay(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-bench-'));
  const pool = new OnnxPool();
  try {
    const path = join(folder, 'encoder.onnx');
    const bytes = await writeEncoder(path, SHAPE);
    const session = await pool.session(path);
    const picture = () =>
      ({
        x: {
          kind: 'Tensor',
          dtype: 'float32',
          shape: [ROWS, SHAPE.width],
          data: new Float32Array(ROWS * SHAPE.width).fill(0.1),
        },
      }) as const;
    await session.run(picture(), { transfer: true });
    const idleBefore = await loopDelayDuring(() => sleep(SECONDS * 1000));
    let runs = 0;
    const busy = await loopDelayDuring(async () => {
      const until = performance.now() + SECONDS * 1000;
      for (; performance.now() < until; runs++) await session.run(picture(), { transfer: true });
    });
    const idleAfter = await loopDelayDuring(() => sleep(SECONDS * 1000));
    const idle = Math.max(idleBefore, idleAfter);
    reportFigure({
      bench: 'runtime',
      case: `event-loop delay, p99, while an ONNX encoder of ${Math.round(bytes / 1e6)} MB runs`,
      p99_ms: rounded(busy),
      idle_p99_ms: rounded(idle),
      above_idle_ms: rounded(busy - idle),
      runs_per_second: rounded(runs / SECONDS),
      goal: '< 10 ms above idle',
    });
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
