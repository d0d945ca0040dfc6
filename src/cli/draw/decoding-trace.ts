/** Why each word of a text was chosen, for `weft run --explain`: a table for each step. Pure. */
import type { DecodingCandidate, DecodingTrace } from '../../protocol/decoding-trace.ts';
import { type Colors, printable } from '../terminal.ts';
import { type Cell, drawGrid } from './grid.ts';

export interface ExplainOptions {
  readonly columns: number;
  readonly colors: Colors;
}

/** Candidates that are shown of a step beside the chosen one. */
const MOST_CANDIDATES = 8;
const HEADER = ['', 'candidate', 'probability', 'penalty', 'magic', 'score'];

export function drawDecodingTrace({ steps }: DecodingTrace, options: ExplainOptions): string[] {
  return steps.flatMap(({ candidates }, step) => {
    const best = [...candidates].sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.score - a.score);
    const shown = best.slice(0, 1 + MOST_CANDIDATES);
    const rest = best.length - shown.length;
    const chosen = candidates.find((candidate) => candidate.chosen);
    const word = chosen === undefined ? '' : quoted(chosen.text);
    return [
      ...(step === 0 ? [] : ['']),
      `${options.colors.bold(`step ${step + 1}`)}  ${word}`,
      ...drawGrid(HEADER, shown.map(rowOf), options),
      ...(rest > 0 ? [options.colors.dim(`… ${rest} more candidates`)] : []),
    ];
  });
}

/** A score that is a bound stands behind `<=`: its candidate could not win any more. */
function rowOf({ text, probability, penalty, magic, score, chosen }: DecodingCandidate): Cell[] {
  const total = penalty === null && !chosen ? `<= ${score.toFixed(3)}` : score.toFixed(3);
  return [
    chosen ? '>' : '',
    quoted(text),
    share(probability),
    penalty === null ? '' : share(penalty),
    magic === null ? '' : share(magic),
    total,
  ];
}

function share(number: number): string {
  return number.toFixed(3);
}

/** The space before a word is part of the token. */
function quoted(text: string): string {
  return `"${text.startsWith(' ') ? ' ' : ''}${printable(text).trim()}"`;
}
