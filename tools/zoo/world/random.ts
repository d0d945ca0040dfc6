/**
 * Seeded random numbers for the drawn world: the same seed and stream name give the same numbers on every machine.
 * Must not use Math.random, the clock or floating-point functions whose last bit varies between engines for choices.
 */

/** Mixes a 32-bit word so that neighbouring inputs give unrelated outputs (Murmur3 finaliser constants). */
function mix(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export class Random {
  private state: number;

  /** One independent stream per (seed, name): adding draws to one stream never moves another. */
  constructor(seed: number, stream: string) {
    let h = mix(seed ^ 0x9e3779b9);
    h = mix(h ^ mix(Math.floor(seed / 0x100000000)));
    for (let i = 0; i < stream.length; i++) h = mix(Math.imul(h, 31) + stream.charCodeAt(i));
    this.state = h;
  }

  /** Uniform in [0, 1) with 32 bits; a Weyl sequence through the mixer. */
  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    return mix(mix(this.state) ^ this.state) / 0x100000000;
  }

  range(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('pick from an empty list');
    return items[this.integer(items.length)] as T;
  }

  /** Index drawn with the given weights. */
  weighted(weights: readonly number[]): number {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      rest -= weight;
      if (rest < 0) return index;
    }
    return weights.length - 1;
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  }
}
