/** Reproducible numbers for tests of native operators. */

/** A function that gives the next numbers in [-spread, spread). */
export function numbersFrom(seed: number): (count: number, spread?: number) => Float32Array<ArrayBuffer> {
  let state = seed;
  return (count, spread = 1) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 31 - 1) * spread;
    });
}
