/**
 * Which seeds belong to which split. The ranges never overlap, so no scene of one split is in another.
 * Must not draw or describe.
 */

export const splitRanges = {
  train: [0, 100_000_000],
  val: [100_000_000, 200_000_000],
  test: [200_000_000, 300_000_000],
} as const satisfies Record<string, readonly [number, number]>;
export type Split = keyof typeof splitRanges;

/** The split of the seeds `seed` to `seed + count - 1`. Throws a RangeError when they are in none or in two. */
export function splitOf(seed: number, count: number): Split {
  for (const [name, [first, end]] of Object.entries(splitRanges)) {
    if (seed >= first && seed + count <= end) return name as Split;
  }
  const ranges = Object.entries(splitRanges).map(([name, [first, end]]) => `${name} ${first}..${end - 1}`);
  throw new RangeError(
    `seeds ${seed}..${seed + count - 1} are not inside one split; the splits are ${ranges.join(', ')}`,
  );
}
