/** What a search of MaGiC found, by the names that its cases have for it, and which of the numbers it computed. */
import type { MagicStep } from '../../../src/models/free/magic-steps.ts';
import type { NumberArray } from '../compare.ts';
import { numbersOfCase } from './case-tensor.ts';
import type { ModelCase } from './model-case.ts';
import type { ToyClipTokens } from './toy-clip-tokens.ts';

export interface CaseText {
  readonly pieces: readonly string[];
  readonly tokens: ToyClipTokens;
}

export interface Compared {
  readonly ours: NumberArray;
  /** Where our numbers were computed; everywhere when left out. */
  readonly mask?: NumberArray;
}

export function magicAnswer(
  output: string,
  steps: readonly MagicStep[],
  model: ModelCase,
  text: CaseText,
): Compared | undefined {
  const { shape } = model.outputs.get(output)!;
  const [count = 0, k = 0] = shape;
  const table = (rows: readonly (readonly (number | null)[])[]): Compared => {
    const cells = Array.from({ length: count * k }, (_, cell) => rows[Math.floor(cell / k)]?.[cell % k]);
    const data = cells.map((cell) => cell ?? 0);
    return {
      ours: { data, shape: [count, k] },
      mask: { data: cells.map((cell) => Number(cell != null)), shape: [count, k] },
    };
  };
  const column = (values: readonly number[]): Compared => {
    const rest = Array<number>(count - values.length).fill(0);
    const mask = { data: [...values.map(() => 1), ...rest], shape: [count] };
    return { ours: { data: [...values, ...rest], shape: [count] }, mask };
  };
  switch (output) {
    case 'candidates':
      return table(steps.map(({ candidates }) => candidates));
    case 'p':
      return table(steps.map(({ probabilities }) => probabilities));
    case 'penalty':
      return table(steps.map(({ penalties }) => penalties));
    case 'cosine':
      return table(steps.map(({ cosines }) => cosines));
    case 'magic':
      return table(steps.map(({ magic }) => magic));
    case 'score':
      return table(
        steps.map(({ scores, penalties }) => scores.map((score, at) => (penalties[at] === null ? null : score))),
      );
    case 'chosen':
      return column(steps.map(({ chosen }) => chosen));
    case 'ids':
      return column([
        ...numbersOfCase(model, 'prefix_ids'),
        ...steps.map(({ candidates, chosen }) => candidates[chosen]!),
      ]);
    case 'clip_ids':
    case 'clip_mask':
      return clipRows(output, steps, model, text);
    default:
      return undefined;
  }
}

/** [steps, k, length] of the texts that the candidates make. */
function clipRows(
  output: 'clip_ids' | 'clip_mask',
  steps: readonly MagicStep[],
  model: ModelCase,
  { tokens }: CaseText,
): Compared {
  const { shape } = model.outputs.get(output)!;
  const [count = 0, k = 0, length = 0] = shape;
  const ids = steps.flatMap(({ texts }) => texts.map(tokens.encode));
  const isIds = output === 'clip_ids';
  const rows = filled(isIds ? ids : ids.map((row) => row.map(() => 1)), isIds ? tokens.endId : 0, length);
  const empty = Array<number>(length).fill(0);
  return {
    ours: { data: Array.from({ length: count * k }, (_, row) => rows[row] ?? empty).flat(), shape },
    mask: { data: Array.from({ length: count * k }, (_, row) => Number(row < rows.length)), shape: [count, k] },
  };
}

/** Rows of one length: the longest's, or more. */
export function filled(rows: readonly (readonly number[])[], value: number, length = 0): number[][] {
  const most = Math.max(length, ...rows.map((row) => row.length));
  return rows.map((row) => [...row, ...Array<number>(most - row.length).fill(value)]);
}
