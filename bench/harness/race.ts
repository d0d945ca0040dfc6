/**
 * Times any number of ways of doing one thing in rounds: everyone has a turn in each, in random order, so that all meet the
 * same weather on the machine. A turn is one run that does not count, then as many as fit a few milliseconds.
 */
import { randomUniform } from '../models/random.ts';
import { collectGarbage, median } from './measure.ts';
import { settled } from './settle.ts';

/** One turn: the milliseconds of its runs. */
export type Turn = () => Promise<readonly number[]>;

export interface Contender {
  readonly name: string;
  readonly turn: Turn;
}

/** Milliseconds of one run. */
export interface Spread {
  readonly median: number;
  readonly best: number;
  /** Runs that count. */
  readonly n: number;
}

export type Results = ReadonlyMap<string, Spread>;

export interface RaceOptions {
  readonly rounds: number;
  /** Seed of the order. */
  readonly seed?: number;
  /** Called before each turn; waits for resting threads unless told otherwise. */
  readonly before?: () => Promise<void>;
}

export async function race(
  contenders: readonly Contender[],
  { rounds, seed = 1, before = settled }: RaceOptions,
): Promise<Results> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  if (times.size !== contenders.length) throw new Error('expected every contender to have a name of its own');
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, turn } of shuffled(contenders, seed + round)) {
      collectGarbage();
      await before();
      times.get(name)!.push(...(await turn()));
    }
  }
  return new Map(
    [...times].map(([name, all]) => [name, { median: median(all), best: Math.min(...all), n: all.length }]),
  );
}

/** A turn of runs in this process: one to warm up, then `runs`. */
export function turnOf(run: () => Promise<unknown>, runs: number): Turn {
  return async () => {
    await run();
    const times: number[] = [];
    for (let index = 0; index < runs; index += 1) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    return times;
  };
}

/** How many runs make a turn of about `milliseconds`: at least 2, at most 50. */
export async function runsFor(run: () => Promise<unknown>, milliseconds: number): Promise<number> {
  await run();
  const start = performance.now();
  await run();
  return Math.min(50, Math.max(2, Math.round(milliseconds / (performance.now() - start))));
}

/** The one whose best run is the shortest: among several ways of one peer, that is the peer. */
export async function fastest<T extends { readonly run: () => Promise<unknown> }>(ways: readonly T[]): Promise<T> {
  let chosen = ways[0]!;
  if (ways.length === 1) return chosen;
  let least = Number.POSITIVE_INFINITY;
  for (const way of ways) {
    await settled();
    const best = Math.min(...(await turnOf(way.run, await runsFor(way.run, 60))()));
    if (best < least) [chosen, least] = [way, best];
  }
  return chosen;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items];
  const numbers = randomUniform(seed, order.length, 0.5, 0.5);
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.min(last, Math.floor(numbers[last]! * (last + 1)));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
