/**
 * Biases of attention that depend on where a patch stands relative to another one, by learned tables with a column for
 * each head. Sources: Liu et al., Swin Transformer (2021), equation 4; Bao et al., BEiT (2021). Reads no weights.
 */
import { gatherRows, permute, reshape } from '../../native/arrange.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import type { Tensor } from '../../native/tensor.ts';

/** How many offsets there are within a grid: rows of its table. */
export function countOffsets(height: number, width: number): number {
  return (2 * height - 1) * (2 * width - 1);
}

/**
 * Row of the table for each pair of patches [query, key], row-major over a grid: the offset of the query's place from the
 * key's. After `leading` rows that belong to no patch, whose pairs are left 0.
 */
export function offsetsOf(height: number, width: number, leading = 0): Int32Array {
  const length = leading + height * width;
  const offsets = new Int32Array(length * length);
  for (let query = 0; query < height * width; query += 1) {
    for (let key = 0; key < height * width; key += 1) {
      const down = Math.floor(query / width) - Math.floor(key / width) + height - 1;
      const right = (query % width) - (key % width) + width - 1;
      offsets[(leading + query) * length + leading + key] = down * (2 * width - 1) + right;
    }
  }
  return offsets;
}

/** Table [offsets, heads] and its row for each pair: the bias [1, heads, length, length]. Rejects as `gatherRows` does. */
export async function biasOf(table: Tensor, offsets: Int32Array, options: OperatorOptions = {}): Promise<Tensor> {
  const length = Math.sqrt(offsets.length);
  const heads = table.shape[1]!;
  using pairs = await gatherRows(table, offsets, [length, length], options);
  using bias = await permute(pairs, [2, 0, 1], options);
  return reshape(bias, [1, heads, length, length]);
}
