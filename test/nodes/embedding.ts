import type { EmbeddingValue } from '../../src/protocol/value.ts';

export function embedding(numbers: readonly number[], label?: string, more: Partial<EmbeddingValue> = {}) {
  const named = label === undefined ? {} : { label };
  return { kind: 'Embedding', space: 'trial', data: Float32Array.from(numbers), ...named, ...more } as const;
}
