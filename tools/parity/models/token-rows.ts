/** Token inputs of a case as rows of numbers, which are easier to cut than flat arrays. */
import { WeftError } from '../../../src/errors.ts';
import type { NumberArray } from '../compare.ts';
import type { ModelCase } from './model-case.ts';

export interface TokenRows {
  readonly batch: number;
  readonly length: number;
  readonly ids: readonly (readonly number[])[];
  /** 1 is a token, 0 is padding. */
  readonly mask: readonly (readonly number[])[];
}

/** All are tokens without a mask. Throws `input/bad-file` when the case does not have them. */
export function tokenRows(model: ModelCase, idsName: string, maskName?: string): TokenRows {
  const ids = rowsOf(model, idsName);
  const mask = maskName === undefined ? ids.map((row) => row.map(() => 1)) : rowsOf(model, maskName);
  return { batch: ids.length, length: ids[0]?.length ?? 0, ids, mask };
}

function rowsOf({ inputs, folder }: ModelCase, name: string): number[][] {
  const tensor = inputs.get(name);
  if (tensor?.shape.length !== 2) {
    const reason = `it has ${tensor === undefined ? 'none' : `one of shape [${tensor.shape.join(', ')}]`}`;
    throw new WeftError('input/bad-file', { expected: `an input "${name}" [batch, length]`, path: folder, reason });
  }
  const [batch = 0, length = 0] = tensor.shape;
  const numbers = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  return Array.from({ length: batch }, (_, row) => numbers.slice(row * length, (row + 1) * length));
}

/** Columns from `start` to `end`, of ids and mask. */
export function columns(tokens: TokenRows, start: number, end: number): TokenRows {
  const cut = (rows: TokenRows['ids']) => rows.map((row) => row.slice(start, end));
  return { batch: tokens.batch, length: end - start, ids: cut(tokens.ids), mask: cut(tokens.mask) };
}

/** [batch, heads, length, size] with zeros where the mask [batch, length] is 0. */
export function maskRows({ data, shape }: NumberArray, mask: TokenRows['mask']): NumberArray {
  const [, heads = 1, length = 1, size = 1] = shape;
  const masked = Array.from(data as ArrayLike<number>, (value, index) => {
    const row = Math.floor(index / size);
    return value * mask[Math.floor(row / (heads * length))]![row % length]!;
  });
  return { data: masked, shape };
}
