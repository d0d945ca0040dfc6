/**
 * Times two ways of doing one thing, turn by turn, so that both meet the same weather on the machine.
 * Garbage is collected between turns, outside the clock: neither side pays for what the other left behind.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Timing {
  /** Medians in milliseconds. */
  readonly ours: number;
  readonly peer: number;
  /** The shortest of each: what is left when nothing else ran on the machine. */
  readonly oursBest: number;
  readonly peerBest: number;
  /** Rounds that count. */
  readonly n: number;
}

export interface Rounds {
  readonly warmup: number;
  readonly count: number;
}

/** One run in milliseconds. A peer in another process times itself and gives its own number. */
export type Timed = () => Promise<number>;

/** A B A B … */
export async function interleave(ours: Timed, peer: Timed, { warmup, count }: Rounds): Promise<Timing> {
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let round = -warmup; round < count; round += 1) {
    const pair = { ours: await afterCollection(ours), peer: await afterCollection(peer) };
    if (round < 0) continue;
    times.ours.push(pair.ours);
    times.peer.push(pair.peer);
  }
  return {
    ours: median(times.ours),
    peer: median(times.peer),
    oursBest: Math.min(...times.ours),
    peerBest: Math.min(...times.peer),
    n: count,
  };
}

/** The collector, which V8 shows only to contexts made after this flag is set. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

export const collectGarbage = exposedCollector();

function afterCollection(run: Timed): Promise<number> {
  collectGarbage();
  return run();
}

/** Wall time of a call. */
export function timed(run: () => Promise<unknown>): Timed {
  return async () => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that `share` of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
