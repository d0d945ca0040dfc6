/** One JSON line per measurement, on standard output. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Floor } from './floor.ts';
import type { Timing } from './measure.ts';
import type { Results } from './race.ts';

const [processor] = cpus();

/** What a figure means little without. */
const MACHINE = {
  cpu: processor?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
};

function machine() {
  return { ...MACHINE, load: rounded(loadavg()[0] ?? Number.NaN) };
}

export interface Measurement {
  readonly bench: string;
  readonly case: string;
  readonly peer: string;
  readonly timing: Timing;
}

/** `ratio` is ours / peer (below 1 is faster), `speedup` its inverse. */
export function reportMeasurement({ bench, case: name, peer, timing }: Measurement): void {
  const ratio = timing.ours / timing.peer;
  print({
    bench,
    case: name,
    ours_ms: rounded(timing.ours),
    peer,
    peer_ms: rounded(timing.peer),
    ratio: rounded(ratio),
    speedup: rounded(1 / ratio),
    ours_best_ms: rounded(timing.oursBest),
    peer_best_ms: rounded(timing.peerBest),
    best_ratio: rounded(timing.oursBest / timing.peerBest),
    n: timing.n,
    machine: machine(),
  });
}

export interface Pairing {
  readonly bench: string;
  readonly case: string;
  /** Names of contenders of the race. */
  readonly ours: string;
  readonly peer: string;
  readonly results: Results;
  /** Of what `ours` does; left out where there is none. */
  readonly floor?: Floor | undefined;
  /** Further figures of the line. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Two contenders of a race beside the floor: `floor_share` is floor / ours (1 is all the machine can give). */
export function reportPairing({ bench, case: name, ours, peer, results, floor, more = {} }: Pairing): void {
  const [mine, theirs] = [results.get(ours), results.get(peer)];
  if (mine === undefined || theirs === undefined) throw new Error(`expected ${ours} and ${peer} in the race`);
  print({
    bench,
    case: name,
    ours,
    ours_ms: rounded(mine.median),
    peer,
    peer_ms: rounded(theirs.median),
    ratio: rounded(mine.median / theirs.median),
    speedup: rounded(theirs.median / mine.median),
    ours_best_ms: rounded(mine.best),
    peer_best_ms: rounded(theirs.best),
    best_speedup: rounded(theirs.best / mine.best),
    n: mine.n,
    ...(floor === undefined
      ? {}
      : {
          floor_ms: rounded(floor.median),
          floor_share: rounded(floor.median / mine.median),
          best_floor_share: rounded(floor.best / mine.best),
          floor: floor.of,
        }),
    ...more,
    machine: machine(),
  });
}

/** A figure of ours without a peer. */
export function reportFigure(figure: {
  readonly bench: string;
  readonly case: string;
  readonly [key: string]: unknown;
}): void {
  print({ ...figure, machine: machine() });
}

/** A peer that could not be measured: said, never silently left out. */
export function reportLeftOut(bench: string, peer: string, reason: string): void {
  print({ bench, peer, left_out: true, reason });
}

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
