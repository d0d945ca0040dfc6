/** The last hidden states of a stack that reads rows: what blocks hand to one another. */
import type { Stack, StackRunOptions } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';

/** [batch, length, width] to the same. Rejects as `Stack.run` does. */
export async function hiddenOf(stack: Stack, rows: Tensor, options: StackRunOptions = {}): Promise<Tensor> {
  const { hidden } = await stack.run({ rows }, options);
  return hidden!;
}
