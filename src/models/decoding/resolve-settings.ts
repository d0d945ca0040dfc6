/** Makes a plan of what a person asks for and what the checkpoint says. Reads no files and chooses no tokens. */
import { WeftError } from '../../errors.ts';
import {
  type CheckpointDecoding,
  type DecodingPlan,
  type DecodingSettings,
  type FilterSettings,
  type ProcessorSettings,
  READ_BY,
  STRATEGIES,
  type Strategy,
} from './settings.ts';
import { withoutGaps } from './without-gaps.ts';

/** Of a checkpoint that says nothing. */
export const PLAIN: CheckpointDecoding = { settings: {}, isSampled: false };

/** Where somebody wants beams and nobody says how many. */
const BEAMS = 4;
/** Transformers' own. */
const TOP_K = 50;
/** Those of SimCTG's examples. */
const CONTRASTIVE = { topK: 5, penaltyAlpha: 0.6 };

/**
 * A person's settings go before the checkpoint's. Throws `run/bad-parameter` for a setting out of its range, for one that the
 * strategy does not read, and for settings that contradict each other.
 */
export function resolveSettings(asked: DecodingSettings = {}, checkpoint: CheckpointDecoding = PLAIN): DecodingPlan {
  checkNames(asked);
  checkRanges(asked);
  const strategy = strategyOf(asked, checkpoint);
  for (const [name, readers] of Object.entries(READ_BY) as [keyof typeof READ_BY, readonly Strategy[]][]) {
    if (asked[name] === undefined || readers.includes(strategy) || isBeamless(name, asked)) continue;
    const expected = `none, or a strategy that reads it (${readers.join(', ')})`;
    refuse(name, expected, `${shown(asked[name])} with the strategy ${strategy}`);
  }
  const { strategy: _, ...rest } = asked;
  const all: DecodingSettings = { ...readBy(strategy, checkpoint.settings), ...withoutGaps(rest) };
  checkRanges(all);
  const common = {
    ...processorsOf(all),
    ...withoutGaps({
      // What is asked for in new tokens replaces what the checkpoint says of whole texts.
      minLength: asked.minTokens === undefined ? checkpoint.minLength : undefined,
      forcedFirst: checkpoint.forcedFirst,
      forcedLast: checkpoint.forcedLast,
    }),
    stop: all.stop ?? [],
    asked: withoutGaps({ topK: asked.topK, beams: asked.beams }),
  };
  const seed = all.seed ?? 0;
  switch (strategy) {
    case 'greedy':
      return { ...common, strategy };
    case 'sample':
      return { ...common, strategy, seed, ...filtersOf(all) };
    case 'contrastive':
      return { ...common, strategy, ...contrastiveOf(all) };
    case 'beam':
      return { ...common, strategy, ...beamsOf(all) };
    case 'beam-sample':
      return { ...common, strategy, seed, ...beamsOf(all), ...filtersOf(all), groups: 1, diversity: 0 };
  }
}

/** One beam is what strategies without beams have. */
function isBeamless(name: keyof typeof READ_BY, { strategy, beams }: DecodingSettings): boolean {
  return name === 'beams' && beams === 1 && strategy === undefined;
}

function strategyOf(
  { strategy, beams: asked }: DecodingSettings,
  { settings, isSampled }: CheckpointDecoding,
): Strategy {
  if (strategy !== undefined) return strategy;
  const beams = asked ?? settings.beams ?? 1;
  if (isSampled) return beams > 1 ? 'beam-sample' : 'sample';
  if (beams > 1) return 'beam';
  const { penaltyAlpha = 0, topK = TOP_K } = settings;
  return penaltyAlpha > 0 && topK > 1 ? 'contrastive' : 'greedy';
}

/** Checkpoints may also hold what other strategies read: published files do. */
function readBy(strategy: Strategy, settings: CheckpointDecoding['settings']): DecodingSettings {
  const readers: Readonly<Record<string, readonly Strategy[]>> = READ_BY;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => readers[name]?.includes(strategy) ?? true));
}

function processorsOf(all: DecodingSettings): ProcessorSettings {
  const { repetitionPenalty, noRepeatNgram, minTokens, suppressed, suppressedFirst } = all;
  return withoutGaps({ repetitionPenalty, noRepeatNgram, minTokens, suppressed, suppressedFirst });
}

function filtersOf({ temperature, topK = TOP_K, topP, minP, typicalP }: DecodingSettings): FilterSettings {
  return withoutGaps({ temperature, topK, topP, minP, typicalP });
}

function contrastiveOf(all: DecodingSettings) {
  const { topK, penaltyAlpha } = { ...CONTRASTIVE, ...all };
  if (topK < 1) refuse('topK', 'at least one candidate', shown(topK));
  return { topK, penaltyAlpha };
}

function beamsOf(all: DecodingSettings) {
  const { beams = BEAMS, lengthPenalty = 1, earlyStopping = false, groups = 1, diversity = 0 } = all;
  if (beams % groups !== 0) refuse('groups', `a number that divides the ${beams} beams`, shown(groups));
  if (groups === 1 && diversity > 0) refuse('diversity', '0, or several groups of beams', shown(diversity));
  return { beams, lengthPenalty, earlyStopping, groups, diversity };
}

type Range = readonly [fits: (value: number) => boolean, expected: string];

const whole = (least: number): Range => [
  (value) => Number.isSafeInteger(value) && value >= least,
  `a whole number from ${least}`,
];
const share: Range = [(value) => value > 0 && value <= 1, 'a number above 0, at most 1'];
const above: Range = [(value) => value > 0 && Number.isFinite(value), 'a number above 0'];

const RANGES = {
  repetitionPenalty: above,
  noRepeatNgram: whole(0),
  minTokens: whole(0),
  temperature: above,
  topK: whole(0),
  topP: share,
  penaltyAlpha: [(value) => value >= 0 && value <= 1, 'a number from 0 to 1'],
  minP: [(value) => value >= 0 && value <= 1, 'a number from 0 to 1'],
  typicalP: share,
  beams: whole(1),
  lengthPenalty: [Number.isFinite, 'a number'],
  groups: whole(1),
  diversity: [(value) => value >= 0 && Number.isFinite(value), 'a number from 0'],
  seed: whole(0),
} as const satisfies Partial<Record<keyof DecodingSettings, Range>>;

const NAMES: readonly string[] = [
  ...Object.keys(RANGES),
  ...['strategy', 'earlyStopping', 'stop', 'suppressed', 'suppressedFirst'],
];

function checkNames(settings: DecodingSettings): void {
  const unknown = Object.keys(settings).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) refuse('decoding', `some of ${NAMES.join(', ')}`, unknown);
}

/** Throws `run/bad-parameter`. */
function checkRanges(settings: DecodingSettings): void {
  for (const [name, [fits, expected]] of Object.entries(RANGES) as [keyof typeof RANGES, Range][]) {
    const value = settings[name];
    if (value !== undefined && !fits(value)) refuse(name, expected, shown(value));
  }
  const { strategy, earlyStopping, stop = [], suppressed = [], suppressedFirst = [] } = settings;
  if (strategy !== undefined && !STRATEGIES.includes(strategy)) {
    refuse('strategy', STRATEGIES.join(', '), shown(strategy));
  }
  if (earlyStopping !== undefined && typeof earlyStopping !== 'boolean' && earlyStopping !== 'never') {
    refuse('earlyStopping', 'true, false or "never"', shown(earlyStopping));
  }
  if (stop.some((text) => typeof text !== 'string' || text === '')) {
    refuse('stop', 'texts with at least one character', shown(stop));
  }
  for (const [name, ids] of Object.entries({ suppressed, suppressedFirst })) {
    if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0)) refuse(name, 'whole numbers from 0', shown(ids));
  }
}

export function refuse(param: string, expected: string, received: string): never {
  throw new WeftError('run/bad-parameter', { param, expected, received });
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
