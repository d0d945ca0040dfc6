/** What belongs to the prompts of a batch, for texts that were reordered. */
import { gatherRows, reshape } from '../../native/arrange.ts';
import type { Tensor } from '../../native/tensor.ts';

/** Items of a tensor [items, …] in another order, or the tensor again under a handle of its own. */
export async function itemsOf(x: Tensor, items: readonly number[], signal: AbortSignal | undefined): Promise<Tensor> {
  const [count = 0, ...item] = x.shape;
  if (items.length === count && items.every((one, index) => one === index)) return reshape(x, x.shape);
  const size = item.reduce((product, side) => product * side, 1);
  using flat = reshape(x, [count, size]);
  using chosen = await gatherRows(flat, Int32Array.from(items), [items.length], { signal });
  return reshape(chosen, [items.length, ...item]);
}
