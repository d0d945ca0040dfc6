/** Whether two ways computed the same: a bench whose peers do different things is void. */

/** The largest difference, relative to the largest number of `expected`; NaN where any of them is. */
export function relativeError(received: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (received.length !== expected.length) return Number.NaN;
  let most = 0;
  let difference = 0;
  for (let index = 0; index < expected.length; index += 1) {
    const apart = Math.abs(received[index]! - expected[index]!);
    if (Number.isNaN(apart)) return Number.NaN;
    difference = Math.max(difference, apart);
    most = Math.max(most, Math.abs(expected[index]!));
  }
  return most === 0 ? difference : difference / most;
}

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    product += a[index]! * b[index]!;
    squaresA += a[index]! ** 2;
    squaresB += b[index]! ** 2;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

/** Throws where `received` is further than `tolerance` from `expected`. */
export function mustAgree(
  what: string,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-3,
): number {
  const error = relativeError(received, expected);
  if (!(error <= tolerance))
    throw new Error(`${what} computes something else: relative error ${error}, not ${tolerance}`);
  return error;
}
