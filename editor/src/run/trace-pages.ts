/** Steps of decoding, found in what a node made: one page for each step of each item. Pure. */
import { type DecodingCandidate, type DecodingTrace, readDecodingTrace } from '../../../src/protocol/index.ts';
import type { ItemResult, NodeRun } from './run-state.ts';

export interface TracePage {
  /** What was chosen at every step of this item. */
  readonly written: readonly string[];
  /** Which of them is shown. */
  readonly step: number;
  /** Best score first. */
  readonly candidates: readonly DecodingCandidate[];
  /** Name of the item. */
  readonly key?: string;
}

const known = new WeakMap<ItemResult, readonly TracePage[] | false>();

/** Undefined for an item that is no trace. Remembered: they are asked for at every drawing. */
export function pagesOf(item: ItemResult): readonly TracePage[] | undefined {
  let pages = known.get(item);
  if (pages === undefined) {
    const trace = item.value.kind === 'Table' ? readDecodingTrace(item.value) : undefined;
    pages = trace === undefined ? false : pagesOfTrace(trace, item.key);
    known.set(item, pages);
  }
  return pages === false ? undefined : pages;
}

function pagesOfTrace({ steps }: DecodingTrace, key?: string): TracePage[] {
  const written = steps.map(({ candidates }) => candidates.find(({ chosen }) => chosen)?.text ?? '');
  return steps.flatMap(({ candidates }, step) =>
    // A report that was dropped leaves a gap until the output comes.
    candidates.length === 0
      ? []
      : [{ written, step, candidates: byScore(candidates), ...(key === undefined ? {} : { key }) }],
  );
}

/** Of every output that is a trace, in order; empty where there is none. */
export function tracePages(run: NodeRun, outputs: readonly string[]): readonly TracePage[] {
  return outputs.flatMap((output) => run.items(output).flatMap((item) => pagesOf(item) ?? []));
}

function byScore(candidates: readonly DecodingCandidate[]): DecodingCandidate[] {
  return [...candidates].sort((a, b) => b.score - a.score || Number(b.chosen) - Number(a.chosen));
}

export interface Reason {
  readonly name: 'probability' | 'penalty' | 'magic';
  readonly short: string;
  readonly doc: string;
}

const REASONS: readonly Reason[] = [
  { name: 'probability', short: 'prob', doc: 'Probability: how likely the language model finds it' },
  { name: 'penalty', short: 'penalty', doc: 'Penalty: how alike it is to what was written; counts against it' },
  { name: 'magic', short: 'magic', doc: 'Magic: how well the text would fit the picture' },
];

/** Those that play a part in a step. */
export function reasonsOf(candidates: readonly DecodingCandidate[]): readonly Reason[] {
  return REASONS.filter(({ name }) => candidates.some((candidate) => candidate[name] !== null));
}

/** 0 to 1, against the largest of the step; undefined where it was not computed. */
export function shareOf(
  candidate: DecodingCandidate,
  name: Reason['name'],
  candidates: readonly DecodingCandidate[],
): number | undefined {
  const value = candidate[name];
  if (value === null) return undefined;
  const largest = Math.max(...candidates.map((other) => other[name] ?? 0));
  return largest > 0 ? Math.max(0, value / largest) : 0;
}

/** A token that is only space, or starts with it, as people can see it. */
export function tokenText(text: string): string {
  const shown = text.replaceAll('\n', '⏎');
  return shown.trim() === '' ? '␣' : shown.trim();
}
