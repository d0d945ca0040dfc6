/**
 * What beam search does at a step, for the beams of one prompt: which texts go on, which have ended and how they score, and
 * whether another could still be better. Pure; the rules are those of transformers' `generate`. Reads no model.
 */
import type { Candidate } from './log-probabilities.ts';
import type { BeamSettings } from './settings.ts';

export interface Beam {
  /** What was written after the prompt. */
  readonly written: readonly number[];
  /** The sum of its tokens' scores; of an ended text, by its length penalty. */
  readonly score: number;
}

export interface BeamGroup {
  /** Best first; one empty text before the first step, none once the group is done. */
  readonly running: readonly Beam[];
  /** Best first, at most as many as beams. */
  readonly ended: readonly Beam[];
}

export interface BeamRules extends Pick<BeamSettings, 'beams' | 'lengthPenalty' | 'earlyStopping'> {
  readonly maxNewTokens: number;
  readonly endIds: readonly number[];
  readonly isOver?: ((written: readonly number[]) => boolean) | undefined;
}

export interface AdvancedGroup extends BeamGroup {
  /** The beam that each running one was, before it got its last token. */
  readonly origins: readonly number[];
}

/** A candidate, and what a strategy ranks it by: its score, or one that it changed. */
export interface RankedCandidate extends Candidate {
  readonly rank: number;
}

export const NEW_GROUP: BeamGroup = { running: [{ written: [], score: 0 }], ended: [] };

/** So many candidates leave enough that do not end, even where every beam would end. */
export function candidateCount({ beams, endIds }: Pick<BeamRules, 'beams' | 'endIds'>): number {
  return Math.max(2, 1 + endIds.length) * beams;
}

/**
 * Nothing is left running where nothing that is still written could change what is given.
 * @param candidates what may follow, in order of choice; only those among the first beams may end
 */
export function advance(group: BeamGroup, candidates: readonly RankedCandidate[], rules: BeamRules): AdvancedGroup {
  const { beams, lengthPenalty, earlyStopping } = rules;
  const next = candidates.map(({ token, ...candidate }) => {
    const written = [...group.running[candidate.row]!.written, token];
    return { ...candidate, written, ends: endsText(written, rules) };
  });
  const going = next
    .filter(({ ends }) => !ends)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, beams);
  const ending = next
    .slice(0, beams)
    .filter(({ ends }) => ends)
    .map(({ written, score }) => ({ written, score: penalised(score, written.length, lengthPenalty) }));
  const ended = [...group.ended, ...ending].sort((a, b) => b.score - a.score).slice(0, beams);
  const isFull = earlyStopping === true && ended.length === beams;
  const running = isFull || !canImprove(going[0], ended, rules) ? [] : going;
  return {
    running: running.map(({ written, score }) => ({ written, score })),
    origins: running.map(({ row }) => row),
    ended,
  };
}

function endsText(written: readonly number[], { endIds, maxNewTokens, isOver }: BeamRules): boolean {
  return endIds.includes(written.at(-1)!) || written.length >= maxNewTokens || isOver?.(written) === true;
}

function penalised(score: number, length: number, lengthPenalty: number): number {
  return Math.fround(score / length ** lengthPenalty);
}

function canImprove(best: Beam | undefined, ended: readonly Beam[], rules: BeamRules): boolean {
  if (best === undefined) return false;
  if (ended.length < rules.beams) return true;
  const { earlyStopping, lengthPenalty, maxNewTokens } = rules;
  const length = earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : best.written.length;
  return penalised(best.score, length, lengthPenalty) > ended.at(-1)!.score;
}
