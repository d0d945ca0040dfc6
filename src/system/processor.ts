/** What the processor is called and what it can do, as the system tells it. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { SystemReport } from '../protocol/system-report.ts';

/** In this order; x86 and ARM names as Linux spells them. */
const TELLING = [
  'avx2',
  'fma',
  'f16c',
  'avx512f',
  'avx512bw',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'avx_vnni',
  'amx_bf16',
  'amx_int8',
  'asimd',
  'asimdhp',
  'asimddp',
  'i8mm',
  'bf16',
  'sve',
  'sve2',
];

export function describeProcessor(listing: string = readListing()): SystemReport['processor'] {
  const model = cpus()[0]?.model.trim() ?? '';
  return { model: model || 'unknown', hardwareThreads: availableParallelism(), features: featuresOf(listing) };
}

/** Of the text of Linux's /proc/cpuinfo. */
export function featuresOf(listing: string): string[] {
  const [, names = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(listing) ?? [];
  const known = new Set(names.trim().split(/\s+/));
  return TELLING.filter((name) => known.has(name));
}

function readListing(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
