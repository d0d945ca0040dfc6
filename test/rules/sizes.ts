/** The size rule: small files. Pure. Exceptions are named with their reason. */
import type { SourceFile } from './source-tree.ts';

export const LIMITS = { median: 150, percentile95: 500, longest: 800 } as const;

/** Path -> reason. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {};

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

export function sizeViolations(files: readonly SourceFile[], exceptions = EXCEPTIONS): string[] {
  const counted = files.filter((file) => exceptions[file.path] === undefined);
  const sizes = counted.map((file) => lineCount(file.text)).sort((a, b) => a - b);
  const at = (share: number) => sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] ?? 0;
  const found = counted
    .filter((file) => lineCount(file.text) > LIMITS.longest)
    .map((file) => `${file.path} has ${lineCount(file.text)} lines (limit ${LIMITS.longest})`);
  if (at(0.5) > LIMITS.median) found.push(`the median file has ${at(0.5)} lines (limit ${LIMITS.median})`);
  if (at(0.95) > LIMITS.percentile95) {
    found.push(`the 95th percentile is ${at(0.95)} lines (limit ${LIMITS.percentile95})`);
  }
  return found;
}
