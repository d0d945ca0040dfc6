/** Long loops in short slices, between which the event loop gets its turn. Must not be used for work natives can do. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WeftError } from '../errors.ts';

/** Longest stretch of own work, milliseconds. */
const SLICE = 4;

/** Calls `step` for 0 … count - 1, in order. Throws run/cancelled between slices. */
export async function inSlices(count: number, signal: AbortSignal, step: (index: number) => void): Promise<void> {
  let end = performance.now() + SLICE;
  for (let index = 0; index < count; index++) {
    step(index);
    if (performance.now() < end) continue;
    await nextTurn();
    if (signal.aborted) throw new WeftError('run/cancelled', { reason: '' }, { cause: signal.reason });
    end = performance.now() + SLICE;
  }
}
