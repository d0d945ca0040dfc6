/** Limits and sizes of the runtime, each with its default and unit, and their check. */
import { WeftError } from '../errors.ts';
import { describeValue } from '../graph/describe-value.ts';
import type { GraphLimits } from '../graph/index.ts';
import { GRAPH_LIMITS } from '../graph/index.ts';

export interface RuntimeLimits extends GraphLimits {
  /** Memory cache of node results, bytes of their values. 0 turns it off. */
  readonly cacheBytes: number;
  /** Node calls under way at a time, per run. */
  readonly concurrency: number;
  /** Runs executing at a time; more wait. */
  readonly maxRuns: number;
  /** Runs waiting at a time; more are refused with `run/too-many`. */
  readonly maxWaitingRuns: number;
  /** Finished runs kept for `get` and replay. */
  readonly maxKeptRuns: number;
  /** Values that kept runs may hold in all, bytes; the oldest run goes first. */
  readonly keptBytes: number;
  /** Items that one node may emit. */
  readonly maxListItems: number;
  /** Items of one list on their way at a time: emitted, and not through every node that maps them. */
  readonly lookAhead: number;
  /** The same in bytes of emitted values; whichever is reached first holds the source back. */
  readonly lookAheadBytes: number;
  /** Items in one call of a node that takes several. */
  readonly batchSize: number;
  /** How long an item waits for companions while other work is under way, milliseconds. */
  readonly batchDelay: number;
  /** Values of `node.output` events kept for replay, bytes per run; older ones lose their arrays. */
  readonly replayBytes: number;
  /** Longest stretch of own work before the event loop gets its turn, milliseconds. */
  readonly sliceMilliseconds: number;
}

const MEBIBYTE = 1024 * 1024;

export const RUNTIME_LIMITS: RuntimeLimits = {
  ...GRAPH_LIMITS,
  cacheBytes: 512 * MEBIBYTE,
  concurrency: 16,
  maxRuns: 4,
  maxWaitingRuns: 64,
  maxKeptRuns: 50,
  keptBytes: 512 * MEBIBYTE,
  maxListItems: 1_000_000,
  lookAhead: 16,
  lookAheadBytes: 256 * MEBIBYTE,
  batchSize: 8,
  batchDelay: 5,
  replayBytes: 64 * MEBIBYTE,
  sliceMilliseconds: 4,
};

/** With less than one of these, nothing would ever run; 0 of the others turns something off. */
const AT_LEAST_ONE: ReadonlySet<string> = new Set<keyof RuntimeLimits>([
  'concurrency',
  'maxRuns',
  'lookAhead',
  'batchSize',
  'sliceMilliseconds',
]);

/** The given limits over the defaults. Infinity is no limit. Throws `usage/bad-option`. */
export function withDefaults(given: Partial<RuntimeLimits>): RuntimeLimits {
  const limits = { ...RUNTIME_LIMITS };
  for (const option of Object.keys(RUNTIME_LIMITS) as (keyof RuntimeLimits)[]) {
    const value: unknown = given[option];
    if (value === undefined) continue;
    const lowest = AT_LEAST_ONE.has(option) ? 1 : 0;
    if (typeof value !== 'number' || !(value >= lowest)) {
      const expected = `a number of at least ${lowest}`;
      throw new WeftError('usage/bad-option', { option, expected, received: describeValue(value) });
    }
    Object.assign(limits, { [option]: value });
  }
  return limits;
}
