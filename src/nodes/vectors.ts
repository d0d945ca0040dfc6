/** Arithmetic on embeddings in double precision, and the checks that make it meaningful. */
import { WeftError } from '../errors.ts';
import type { EmbeddingValue } from '../protocol/value.ts';

/** Embeddings of one space as the rows of a matrix [embeddings, dim]. */
export function rowsOf(embeddings: readonly EmbeddingValue[]): Float32Array<ArrayBuffer> {
  const width = embeddings[0]?.data.length ?? 0;
  const data = new Float32Array(embeddings.length * width);
  for (const [row, embedding] of embeddings.entries()) data.set(embedding.data, row * width);
  return data;
}

/** The vector scaled to length 1; a zero vector stays zero. Shape [dim]. */
export function normalise(vector: ArrayLike<number>): Float64Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return Float64Array.from(vector, (value) => value * scale);
}

/** Dot product; of two unit vectors, their cosine. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Mean of unit vectors, brought to length 1 again. */
export function meanDirection(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
  }
  return normalise(sum);
}

/** softmax(values), shifted by the largest value so that nothing overflows. */
export function softmax(values: readonly number[]): number[] {
  // Not Math.max(...values): the stack does not hold a hundred thousand arguments.
  const highest = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Throws run/bad-input when there is nothing to compare, or numbers of different spaces. */
export function expectSameSpace(
  reference: EmbeddingValue | undefined,
  others: readonly EmbeddingValue[],
  socket: string,
): void {
  if (reference === undefined || others.length === 0) {
    throw new WeftError('run/bad-input', { expected: 'at least one embedding', socket, received: 'none' });
  }
  for (const other of others) {
    if (other.space !== reference.space || other.data.length !== reference.data.length) {
      throw new WeftError('run/bad-input', {
        expected: `embeddings of space "${reference.space}" [${reference.data.length}]`,
        socket,
        received: `one of space "${other.space}" [${other.data.length}]`,
      });
    }
  }
}
