/** Where the server's warnings and errors go: JSON lines on standard error. WEFT_LOG names another level. */
import pino, { type Logger } from 'pino';

const LEVELS: ReadonlySet<string> = new Set([...Object.keys(pino.levels.values), 'silent']);

/** An unknown level falls back to `warn`: a log setting must not keep the server from starting. */
export function makeLogger(level = 'warn'): Logger {
  return pino({ level: LEVELS.has(level) ? level : 'warn' }, pino.destination(2));
}
