/**
 * What the environment decides for the addon: WEFT_THREADS and WEFT_MEMORY. Pure but for asking how much memory there
 * is. WEFT_ISA is checked against what the addon can run, see loader.ts.
 */
import { totalmem } from 'node:os';
import { WeftError } from '../errors.ts';

const MOST_THREADS = 256;
const LEAST_MEMORY = 2 ** 20;
/** The rest is left to JavaScript, to mapped weights and to the system. */
const DEFAULT_SHARE = 0.75;

const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Undefined: one per hardware thread. Throws `native/bad-threads`. */
export function readThreads({ WEFT_THREADS: text = '' }: NodeJS.ProcessEnv): number | undefined {
  if (text === '') return undefined;
  const threads = Number(text);
  if (!/^\d+$/.test(text) || threads < 1 || threads > MOST_THREADS) {
    throw new WeftError('native/bad-threads', { limit: MOST_THREADS, received: text });
  }
  return threads;
}

/** Most bytes the addon may hold; without WEFT_MEMORY three quarters of `available`. Throws `native/bad-memory`. */
export function readMemoryLimit(
  { WEFT_MEMORY: text = '' }: NodeJS.ProcessEnv,
  available: number = availableMemory(),
): number {
  if (text === '') return Math.floor(available * DEFAULT_SHARE);
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]i?b)$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(amount) * (UNITS[unit.toLowerCase()] ?? 0));
  if (!(bytes >= LEAST_MEMORY && bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new WeftError('native/bad-memory', { received: text });
  }
  return bytes;
}

/** What this process may use: the machine's memory, or less inside a container. */
export function availableMemory(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 && constrained < total ? constrained : total;
}
