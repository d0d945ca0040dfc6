/**
 * What the machine itself needs at least: operations over what multiply-adds on registers reach, or bytes over what reading
 * as many bytes reaches. Both are measured as contenders of the same race.
 */
import { capabilities } from '../../src/native/capabilities.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { measureMultiplyAdds, measureReading, type Throughput } from '../../src/native/throughput.ts';
import type { Contender, Results } from './race.ts';

export interface Floor {
  /** Milliseconds at the middle rate, and at the best one. */
  readonly median: number;
  readonly best: number;
  /** For people: what was divided by what. */
  readonly of: string;
}

const ARITHMETIC = 'multiply-adds';
const READING = 'reading';
const RUNS = 4;

/** Milliseconds for 10^9 operations of floats, of about two milliseconds each turn. */
export function arithmeticContender(): Contender {
  return { name: ARITHMETIC, turn: turnOf(() => measureMultiplyAdds(8e8)) };
}

export function arithmeticFloor(results: Results, operations: number): Floor {
  const { median, best } = results.get(ARITHMETIC)!;
  const giga = operations / 1e9;
  return {
    median: giga * median,
    best: giga * best,
    of: `${round(giga)} GFLOP at ${round(1000 / median)} (best ${round(1000 / best)}) GFLOP/s`,
  };
}

/**
 * Of products of 8-bit numbers with VNNI: an instruction does four times the operations of a multiply-add of floats, and
 * processors issue as many of them. Undefined for instruction sets without it.
 */
export function eightBitFloor(results: Results, operations: number): Floor | undefined {
  if (capabilities().isa !== 'avx512vnni') return undefined;
  const { median, best, of } = arithmeticFloor(results, operations / 4);
  return { median, best, of: `a quarter of ${round(operations / 1e9)} GOP: ${of}` };
}

/** Milliseconds for 10^9 bytes, read from a block of `bytes`: what stays in a cache is read from there, as weights are. */
export function readingContender(bytes: number): Contender & Disposable {
  const count = Math.ceil(bytes / 4);
  const tensor = Tensor.from(new Float32Array(count).fill(1), [count]);
  return {
    name: READING,
    turn: turnOf(() => measureReading(tensor)),
    [Symbol.dispose]: () => tensor.release(),
  };
}

export function readingFloor(results: Results, bytes: number): Floor {
  const { median, best } = results.get(READING)!;
  const giga = bytes / 1e9;
  return {
    median: giga * median,
    best: giga * best,
    of: `${round(giga * 1000)} MB at ${round(1000 / median)} (best ${round(1000 / best)}) GB/s`,
  };
}

function turnOf(measure: () => Promise<Throughput>): Contender['turn'] {
  return async () => {
    await measure();
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { amount, seconds } = await measure();
      times.push((seconds * 1e12) / amount);
    }
    return times;
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
