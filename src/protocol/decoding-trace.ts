/**
 * Why each word of a text was chosen: per step the candidates and what was said for and against each.
 * Browser-safe leaf: data only. It travels as a Table with these columns, so that every place that shows, stores or sends
 * tables takes it; `readDecodingTrace` tells such a table from others.
 */
import type { TableValue } from './value.ts';

export interface DecodingCandidate {
  /** The token as text, with the space before it. */
  readonly text: string;
  /** Of the language model, over its whole vocabulary. */
  readonly probability: number;
  /** Largest cosine to a state of the text so far, in [-1, 1]; null where the candidate could not win any more. */
  readonly penalty: number | null;
  /** Share of the candidates' softmax over how well they fit the picture; null without a picture. */
  readonly magic: number | null;
  /** What was compared; where `penalty` is null the most that it could have been. */
  readonly score: number;
  readonly chosen: boolean;
}

/** Most probable first. */
export interface DecodingStep {
  readonly candidates: readonly DecodingCandidate[];
}

export interface DecodingTrace {
  readonly steps: readonly DecodingStep[];
}

export const DECODING_TRACE_COLUMNS = ['step', 'text', 'probability', 'penalty', 'magic', 'score', 'chosen'] as const;

/** One row for each candidate; steps count from 1, `chosen` is 1 or 0. */
export function decodingTable({ steps }: DecodingTrace): TableValue {
  const rows = steps.flatMap(({ candidates }, step) =>
    candidates.map(({ text, probability, penalty, magic, score, chosen }) => {
      return [step + 1, text, probability, penalty, magic, score, Number(chosen)];
    }),
  );
  return { kind: 'Table', columns: DECODING_TRACE_COLUMNS, rows };
}

/** Undefined for a table of another kind. */
export function readDecodingTrace({ columns, rows }: TableValue): DecodingTrace | undefined {
  if (columns.join() !== DECODING_TRACE_COLUMNS.join()) return undefined;
  const steps: { candidates: DecodingCandidate[] }[] = [];
  for (const [step, text, probability, penalty, magic, score, chosen] of rows) {
    while (steps.length < Number(step)) steps.push({ candidates: [] });
    steps[Number(step) - 1]?.candidates.push({
      text: String(text),
      probability: Number(probability),
      penalty: numberOrNull(penalty),
      magic: numberOrNull(magic),
      score: Number(score),
      chosen: chosen === 1,
    });
  }
  return { steps };
}

function numberOrNull(cell: string | number | null | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}
