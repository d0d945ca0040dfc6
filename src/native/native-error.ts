/**
 * Turns what the addon throws or rejects with into catalogue errors. Must not know any operator.
 */
import { WeftError } from '../errors.ts';

/** The text of any thrown thing, on one line, without a final full stop. */
export function errorText(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}

/**
 * `thrown` by operator `operator` as a WeftError: `run/cancelled` for a cancelled operation, else `native/failed`.
 * `caller` captured the stack where the operator was called; the addon's own has no frames.
 */
export function nativeError(operator: string, thrown: unknown, caller?: Error): WeftError {
  if (thrown instanceof WeftError) return thrown;
  const cancelled = thrown instanceof Error && (thrown as { code?: unknown }).code === 'run/cancelled';
  const error = cancelled
    ? new WeftError('run/cancelled', { reason: '' }, { cause: thrown })
    : new WeftError('native/failed', { operator, reason: errorText(thrown) }, { cause: thrown });
  const frames = caller?.stack?.split('\n').slice(1).join('\n');
  if (frames !== undefined) error.stack = `${error.name}: ${error.message}\n${frames}`;
  return error;
}
