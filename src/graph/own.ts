/**
 * Looking up names that a person typed, in plain objects: only own properties count, so `toString` is no node.
 * Pure; no node: imports.
 */

export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Names that would reach an object's prototype; refused wherever a graph may name something. */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
