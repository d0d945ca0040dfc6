/** Stacks of drawn weights for tests: blocks, their building, and the comparison of what they give. */
import { afterEach, expect } from 'vitest';
import { Stack } from '../../src/native/stack.ts';
import type { LinearSpec, NormSpec, StackSpec, SublayerSpec, WeightData } from '../../src/native/stack-spec.ts';

let seed = 1;
/** Reproducible numbers in [-spread, spread). */
export function random(count: number, spread = 1): Float32Array {
  return Float32Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed / 2 ** 31 - 1) * spread;
  });
}

export function weight(...shape: number[]): WeightData {
  const count = shape.reduce((product, side) => product * side, 1);
  const inputs = shape.at(-1) ?? 1;
  return { data: random(count, shape.length > 1 ? 1.5 / Math.sqrt(inputs) : 0.5), shape };
}

export function linear(outputs: number, inputs: number): LinearSpec {
  return { weight: weight(outputs, inputs), bias: weight(outputs) };
}

export function norm(width: number): NormSpec {
  const data = random(width, 0.3).map((value) => 1 + value);
  return { weight: { data, shape: [width] }, bias: weight(width), epsilon: 1e-2 };
}

export function preNorm(width: number, inner: number, self: Partial<SublayerSpec['selfAttention'] & object> = {}) {
  const heads = self.heads ?? 2;
  const headSize = self.headSize ?? width / heads;
  const keyHeads = self.keyHeads ?? heads;
  const qkv = {
    weight: [weight(heads * headSize, width), weight(keyHeads * headSize, width), weight(keyHeads * headSize, width)],
  };
  return [
    { before: norm(width), selfAttention: { heads, qkv, output: linear(width, heads * headSize), ...self } },
    {
      before: norm(width),
      feedForward: { up: linear(inner, width), down: linear(width, inner), activation: 'quick_gelu' as const },
    },
  ] satisfies SublayerSpec[];
}

const built: Stack[] = [];
afterEach(() => {
  for (const stack of built.splice(0)) stack.release();
});

export async function build(spec: StackSpec, precision: 'fp32' | 'bf16' | 'int8' = 'fp32'): Promise<Stack> {
  const stack = await Stack.build(spec, { precision });
  built.push(stack);
  return stack;
}

export function nested(data: Float32Array, batch: number, length: number, width: number): number[][][] {
  return Array.from({ length: batch }, (_, item) =>
    Array.from({ length }, (__, row) => [
      ...data.subarray((item * length + row) * width, (item * length + row + 1) * width),
    ]),
  );
}

export function expectClose(ours: Float32Array, reference: readonly (readonly number[][])[], tolerance = 2e-5) {
  const flat = reference.flat(2);
  expect(ours.length).toBe(flat.length);
  let worst = 0;
  for (const [index, value] of ours.entries()) worst = Math.max(worst, Math.abs(value - flat[index]!));
  expect(worst).toBeLessThan(tolerance);
}
