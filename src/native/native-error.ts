/**
 * Turns what the addon throws or rejects with into catalogue errors. Must not know any operator.
 */
import { WeftError } from '../errors.ts';

/** The text of any thrown thing, on one line, without a final full stop. */
export function errorText(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}

/** Codes of native/core/status.cpp that people meet; any other is a defect of ours. */
const NATIVE_CODES = [
  'native/bad-argument',
  'native/not-finite',
  'native/out-of-memory',
  'native/out-of-range',
  'native/wrong-cache',
  'native/released',
] as const;

/**
 * `thrown` by operator `operator` as a WeftError: `run/cancelled` for a cancelled operation, the addon's own code where
 * it is one of the catalogue, else `native/failed`. Made where the operation is awaited, its stack names who awaits it.
 */
export function nativeError(operator: string, thrown: unknown): WeftError {
  return thrown instanceof WeftError ? thrown : catalogued(operator, thrown);
}

function catalogued(operator: string, thrown: unknown): WeftError {
  const code = thrown instanceof Error ? (thrown as { code?: unknown }).code : undefined;
  if (code === 'run/cancelled') return new WeftError('run/cancelled', { reason: '' }, { cause: thrown });
  if (code === 'input/bad-file') {
    const details = { expected: 'an unchanged file', path: 'the weights', reason: errorText(thrown) };
    return new WeftError('input/bad-file', details, { cause: thrown });
  }
  const known = NATIVE_CODES.find((name) => name === code) ?? 'native/failed';
  const reason = errorText(thrown);
  const argument = { argument: 'what is given', expected: 'parts that fit', received: `one where ${reason}` };
  return new WeftError(known, { operator, what: operator, reason, ...argument }, { cause: thrown });
}
