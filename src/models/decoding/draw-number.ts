/**
 * Numbers that look random and are not: one for each seed, step and row, the same on every machine, and the same as those of
 * the addon's sampling operator. Keeps no state.
 */

const STEP = 0x9e3779b97f4a7c15n;

/** In [0, 1). */
export function drawNumber(seed: number, step: number, row: number): number {
  const mixed = mix(mix(mix(BigInt(seed)) ^ BigInt(step)) ^ BigInt(row));
  return Number(mixed >> 11n) * 2 ** -53;
}

/** SplitMix64's finaliser (Steele 2014). */
function mix(number: bigint): bigint {
  let z = BigInt.asUintN(64, number + STEP);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
