/** One call for many items where that works, else one each: a broken item must not take its companions with it. */
import { toWeftError, WeftError } from '../errors.ts';

/** Result i belongs to item i; an item that fails even alone is its error. A cancelled batch is not tried again. */
export async function batchOrAlone<I, O>(
  items: readonly I[],
  call: (items: readonly I[]) => Promise<readonly O[]>,
): Promise<readonly (O | WeftError)[]> {
  try {
    return await call(items);
  } catch (thrown) {
    const error = toWeftError(thrown);
    if (error.code === 'run/cancelled' || items.length === 1) return items.map(() => error);
  }
  const results: (O | WeftError)[] = [];
  for (const item of items) {
    try {
      const [result] = await call([item]);
      results.push(result ?? new WeftError('internal'));
    } catch (thrown) {
      results.push(toWeftError(thrown));
    }
  }
  return results;
}
