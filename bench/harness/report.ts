/** One JSON line per measurement, on standard output. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Timing } from './measure.ts';

const [processor] = cpus();

/** What a figure means little without. */
const MACHINE = {
  cpu: processor?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
};

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
    machine: { ...MACHINE, load: rounded(loadavg()[0] ?? Number.NaN) },
  });
}

/** A figure of ours without a peer. */
export function reportFigure(figure: {
  readonly bench: string;
  readonly case: string;
  readonly [key: string]: unknown;
}): void {
  print({ ...figure, machine: { ...MACHINE, load: rounded(loadavg()[0] ?? Number.NaN) } });
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
