/** Batches of tensors of equal shape out of calls that may differ, each group failing alone. Pure. */
import { toWeftError, type WeftError } from '../errors.ts';
import type { TensorValue } from '../protocol/value.ts';

/** Calls `encode` once per shape; result i belongs to tensor i. What a group throws is the error of each of its tensors. */
export async function inSizeGroups<T>(
  tensors: readonly TensorValue[],
  encode: (group: readonly TensorValue[]) => Promise<readonly T[]>,
): Promise<(T | WeftError)[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { dtype, shape }] of tensors.entries()) {
    const key = `${dtype} ${shape.join(' ')}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  const results: (T | WeftError)[] = [];
  for (const indexes of groups.values()) {
    try {
      const encoded = await encode(indexes.map((index) => tensors[index]!));
      indexes.forEach((index, position) => {
        results[index] = encoded[position]!;
      });
    } catch (thrown) {
      for (const index of indexes) results[index] = toWeftError(thrown);
    }
  }
  return results;
}
