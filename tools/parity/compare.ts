/** Compares arrays of numbers, and says in words where they differ. */

export interface Numbers {
  readonly length: number;
  readonly [index: number]: number | bigint;
}

export interface NumberArray {
  readonly data: Numbers;
  readonly shape: readonly number[];
}

export interface Tolerance {
  /** |a - b| <= atol + rtol * |b|; both 0 asks for equality. */
  readonly atol: number;
  readonly rtol: number;
}

export interface Comparison {
  /** What does not fit: how many numbers, by how much at most, and the first place; undefined when all fit. */
  readonly mismatch: string | undefined;
  /** Largest |a - b|. */
  readonly largest: number;
  /** Largest |a - b| / (atol + rtol * |b|). */
  readonly share: number;
  /** Of all compared numbers as two vectors; 1 for two vectors of zeros. */
  readonly cosine: number;
}

export const EQUAL: Tolerance = { atol: 0, rtol: 0 };

/**
 * Values that are not numbers (NaN) differ from everything but themselves.
 * @param valid over the leading axes: where it is 0, numbers are not compared
 */
export function compareArrays(
  ours: NumberArray,
  reference: NumberArray,
  tolerance: Tolerance,
  valid?: NumberArray,
): Comparison {
  const misfit = shapeMismatch(ours, reference, valid);
  if (misfit !== undefined) return { mismatch: misfit, largest: Number.NaN, share: Number.NaN, cosine: Number.NaN };
  const perMask = valid === undefined ? 1 : reference.data.length / valid.data.length;
  const found = { count: 0, first: -1, outside: 0, largest: 0, share: 0 };
  const sums = { both: 0, ours: 0, reference: 0 };
  for (let index = 0; index < reference.data.length; index += 1) {
    if (valid !== undefined && Number(valid.data[Math.floor(index / perMask)]) === 0) continue;
    const value = Number(ours.data[index]);
    const expected = Number(reference.data[index]);
    sums.both += value * expected;
    sums.ours += value * value;
    sums.reference += expected * expected;
    if (Object.is(value, expected)) continue;
    const distance = Math.abs(value - expected);
    const limit = tolerance.atol + tolerance.rtol * Math.abs(expected);
    // Comparisons are written so that NaN counts as the largest distance.
    if (!(distance <= found.largest)) found.largest = distance;
    if (distance > 0 && !(distance / limit <= found.share)) found.share = distance / limit;
    if (distance <= limit) continue;
    if (found.first < 0) found.first = index;
    found.count += 1;
    if (!(distance <= found.outside)) found.outside = distance;
  }
  const length = Math.sqrt(sums.ours * sums.reference);
  const cosine = length === 0 ? Number(sums.ours === sums.reference) : sums.both / length;
  return { mismatch: inWords(found, ours, reference), largest: found.largest, share: found.share, cosine };
}

/** Only the words of `compareArrays`. */
export function difference(ours: NumberArray, reference: NumberArray, tolerance: Tolerance): string | undefined {
  return compareArrays(ours, reference, tolerance).mismatch;
}

function shapeMismatch(ours: NumberArray, reference: NumberArray, valid: NumberArray | undefined): string | undefined {
  if (ours.shape.join() !== reference.shape.join()) {
    return `shape [${ours.shape.join(', ')}], expected [${reference.shape.join(', ')}]`;
  }
  if (valid === undefined || valid.shape.join() === reference.shape.slice(0, valid.shape.length).join())
    return undefined;
  return `shape [${ours.shape.join(', ')}], whose mask has [${valid.shape.join(', ')}]`;
}

function inWords(
  { count, first, outside }: { count: number; first: number; outside: number },
  ours: NumberArray,
  reference: NumberArray,
): string | undefined {
  if (count === 0) return undefined;
  const place = `[${placeOf(first, reference.shape).join(', ')}]`;
  const values = `${ours.data[first]} instead of ${reference.data[first]}`;
  return `${count} of ${reference.data.length} differ, by up to ${outside}; first at ${place}: ${values}`;
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
