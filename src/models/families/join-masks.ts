/** The mask over rows of two kinds that stand one after the other. Pure. */

/** [batch, first + second] of masks [batch, first] and [batch, second]. */
export function joinMasks(
  first: ArrayLike<number | bigint>,
  second: ArrayLike<number | bigint>,
  batch: number,
): number[] {
  const masks = [first, second].map((mask) => Array.from(mask, Number));
  return Array.from({ length: batch }, (_, item) =>
    masks.flatMap((mask) => {
      const length = mask.length / batch;
      return mask.slice(item * length, (item + 1) * length);
    }),
  ).flat();
}
