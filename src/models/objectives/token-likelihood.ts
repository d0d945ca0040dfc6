/** How probable a model's logits make given tokens, in double precision. Pure; knows no model. */
import { refuse } from '../../native/argument.ts';

/** Logits [rows, vocabulary], row-major. */
export interface LogitRows {
  readonly data: Float32Array;
  readonly vocabulary: number;
}

/** How many rows there are. Throws `native/bad-argument` for data that is no whole number of rows. */
export function countRows(operator: string, { data, vocabulary }: LogitRows): number {
  const rows = data.length / vocabulary;
  if (Number.isSafeInteger(vocabulary) && vocabulary > 0 && Number.isSafeInteger(rows)) return rows;
  return refuse(operator, 'logits', `rows of ${vocabulary} numbers`, data.length);
}

/** ln softmax(row)[token], shifted by the row's largest number. Throws `native/bad-argument` for a token beyond the vocabulary. */
export function logProbability(operator: string, { data, vocabulary }: LogitRows, row: number, token: number): number {
  if (!Number.isSafeInteger(token) || token < 0 || token >= vocabulary) {
    refuse(operator, 'tokens', `numbers from 0 to ${vocabulary - 1}`, token);
  }
  const numbers = data.subarray(row * vocabulary, (row + 1) * vocabulary);
  let largest = Number.NEGATIVE_INFINITY;
  for (const number of numbers) largest = Math.max(largest, number);
  let total = 0;
  for (const number of numbers) total += Math.exp(number - largest);
  return numbers[token]! - largest - Math.log(total);
}
