/** Logits whose probabilities are known by hand, and measures by name. */
import type { TableValue, TensorValue, TokensValue } from '../../src/protocol/value.ts';

/** Row by row: logits are logarithms of these shares, so that they are the probabilities. */
export function logitsOfShares(rows: readonly (readonly number[])[]): TensorValue {
  const data = Float32Array.from(rows.flat(), Math.log);
  return { kind: 'Tensor', dtype: 'float32', shape: [rows.length, rows[0]!.length], data };
}

export const tokensOf = (...ids: number[]): TokensValue => ({ kind: 'Tokens', ids });

export function measured({ rows }: TableValue): Record<string, number> {
  return Object.fromEntries(rows.map(([name, value]) => [String(name), Number(value)]));
}
