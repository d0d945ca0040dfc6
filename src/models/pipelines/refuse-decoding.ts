/** Settings of decoding for a model that writes nothing. Knows no family. */
import { WeftError } from '../../errors.ts';
import type { Writing } from './task.ts';

/** Throws `model/bad-input` where there are some: it has a list of answers. */
export function refuseDecoding(model: string, { decoding }: Writing): void {
  if (decoding === undefined) return;
  const expected = 'none, for it chooses from its own list of answers,';
  throw new WeftError('model/bad-input', { model, input: 'decoding', expected, received: JSON.stringify(decoding) });
}
