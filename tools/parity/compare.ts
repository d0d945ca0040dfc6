/** Compares arrays of numbers, and says in words where they differ. */

export interface Numbers {
  readonly length: number;
  readonly [index: number]: number | bigint;
}

export interface Tolerance {
  /** |a - b| <= atol + rtol * |b|; both 0 asks for equality. */
  readonly atol: number;
  readonly rtol: number;
}

export const EQUAL: Tolerance = { atol: 0, rtol: 0 };

/**
 * Undefined when everything is within tolerance; else the largest difference, how many, and the first place.
 * Values that are not numbers (NaN) differ from everything but themselves.
 */
export function difference(
  ours: { readonly data: Numbers; readonly shape: readonly number[] },
  reference: { readonly data: Numbers; readonly shape: readonly number[] },
  tolerance: Tolerance,
): string | undefined {
  if (ours.shape.join() !== reference.shape.join()) {
    return `shape [${ours.shape.join(', ')}], expected [${reference.shape.join(', ')}]`;
  }
  let count = 0;
  let first = -1;
  let largest = 0;
  for (let index = 0; index < reference.data.length; index += 1) {
    const value = Number(ours.data[index]);
    const expected = Number(reference.data[index]);
    if (Object.is(value, expected)) continue;
    const distance = Math.abs(value - expected);
    // Written so that NaN fails.
    if (distance <= tolerance.atol + tolerance.rtol * Math.abs(expected)) continue;
    if (first < 0) first = index;
    count += 1;
    if (!(distance <= largest)) largest = distance;
  }
  if (count === 0) return undefined;
  const place = `[${placeOf(first, reference.shape).join(', ')}]`;
  const values = `${ours.data[first]} instead of ${reference.data[first]}`;
  return `${count} of ${reference.data.length} differ, by up to ${largest}; first at ${place}: ${values}`;
}

function placeOf(index: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = index;
  for (const side of [...shape].reverse()) {
    place.unshift(rest % side);
    rest = Math.floor(rest / side);
  }
  return place;
}
