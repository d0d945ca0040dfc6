/** Many embeddings of one space in the addon, to be compared with one after the other. */
import { cosineTopK } from '../native/choices.ts';
import { Tensor } from '../native/tensor.ts';
import type { EmbeddingValue } from '../protocol/value.ts';
import { expectSameSpace, rowsOf } from './vectors.ts';

export interface Ranked {
  /** Place among the embeddings. */
  readonly index: number;
  readonly cosine: number;
}

/** Every item of a list meets the same embeddings: they are moved once. The garbage collector lets go of them. */
const moved = new WeakMap<readonly EmbeddingValue[], Tensor>();

/**
 * The `count` embeddings with the highest cosine to the query, best first; of equal ones the earlier. All where there are
 * fewer. Throws `run/bad-input` for none, or another space; `native/not-finite`.
 */
export async function nearestOf(
  query: EmbeddingValue,
  { embeddings, socket }: { readonly embeddings: readonly EmbeddingValue[]; readonly socket: string },
  count: number,
  signal: AbortSignal,
): Promise<readonly Ranked[]> {
  expectSameSpace(query, embeddings, socket);
  const width = query.data.length;
  let matrix = moved.get(embeddings);
  if (matrix === undefined) {
    matrix = Tensor.from(rowsOf(embeddings), [embeddings.length, width]);
    moved.set(embeddings, matrix);
  }
  using asked = Tensor.from(query.data, [1, width]);
  const { scores, places } = await cosineTopK(asked, matrix, Math.min(count, embeddings.length), { signal });
  return Array.from(places, (index, rank) => ({ index, cosine: scores[rank]! }));
}
