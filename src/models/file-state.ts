/** What tells that a file changed without reading it. Pure. */
import type { BigIntStats } from 'node:fs';

/**
 * Size, modification and change time in nanoseconds. The change time also moves when a file of the same size and
 * modification time takes its place.
 */
export function fileState({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}`;
}
