/** Repeatable numbers for weights and inputs: a linear congruential generator (constants of Numerical Recipes). */

/** Uniform in +-`most`, and around `centre`. */
export function randomUniform(seed: number, count: number, most: number, centre = 0): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  // Neighbouring seeds start far apart.
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  for (let index = 0; index < count; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    numbers[index] = centre + (state / 2 ** 31 - 1) * most;
  }
  return numbers;
}

/** Whole numbers from 0 to below `limit`. */
export function randomIntegers(seed: number, count: number, limit: number): number[] {
  return Array.from(randomUniform(seed, count, 0.5, 0.5), (number) => Math.min(limit - 1, Math.floor(number * limit)));
}
