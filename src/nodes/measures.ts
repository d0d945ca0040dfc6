/** Numbers that a head measures, as a table; and the logits and tokens that several of them read. */
import { WeftError } from '../errors.ts';
import type { LogitRows } from '../models/objectives/token-likelihood.ts';
import type { TableValue, TensorValue, TokensValue } from '../protocol/value.ts';

/** One row for each measure. */
export function measures(values: Readonly<Record<string, number>>): TableValue {
  return { kind: 'Table', columns: ['measure', 'value'], rows: Object.entries(values) };
}

/** Throws `run/bad-input` for logits that are no float32 [tokens, vocabulary]. */
export function logitsOf({ dtype, shape, data }: TensorValue, { ids }: TokensValue): LogitRows {
  const [rows, vocabulary = 0] = shape;
  if (!(data instanceof Float32Array) || shape.length !== 2 || rows !== ids.length || ids.length === 0) {
    const expected = `float32 [${ids.length}, vocabulary], a row for each token`;
    const received = `${dtype} [${shape.join(', ')}]`;
    throw new WeftError('run/bad-input', { expected, socket: 'logits', received });
  }
  const beyond = ids.find((id) => id >= vocabulary);
  if (beyond !== undefined) {
    const expected = `tokens below ${vocabulary}, as the logits have it`;
    throw new WeftError('run/bad-input', { expected, socket: 'tokens', received: beyond });
  }
  return { data, vocabulary };
}

export const logitInputs = {
  logits: {
    type: { kind: 'Tensor', dtype: 'float32', shape: [null, null] },
    doc: 'float32 [tokens, vocabulary], a row for each token.',
  },
  tokens: { type: { kind: 'Tokens' }, doc: 'The tokens of the text.' },
} as const;
