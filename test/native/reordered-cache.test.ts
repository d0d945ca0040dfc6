/** Caches whose items are put in another order, as beams do: what a run reads, however often and whenever it happened. */
import { expect, it } from 'vitest';
import type { Stack } from '../../src/native/stack.ts';
import type { StackSpec } from '../../src/native/stack-spec.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { build, linear, norm, preNorm, random, weight } from './drawn-stack.ts';

const [WIDTH, VOCABULARY] = [24, 50];

function spec(): StackSpec {
  return {
    name: 'decoder',
    width: WIDTH,
    tokens: { tokens: weight(VOCABULARY, WIDTH), positions: weight(64, WIDTH) },
    layers: [preNorm(WIDTH, 40, { causal: true }), preNorm(WIDTH, 40, { causal: true })],
    norm: norm(WIDTH),
    head: { rows: 'last', linear: { weight: weight(VOCABULARY, WIDTH) } },
  };
}

const worst = (ours: Float32Array, expected: Float32Array) =>
  Math.max(...ours.map((value, index) => Math.abs(value - expected[index]!)));

async function logits(stack: Stack, ids: readonly number[]): Promise<Float32Array> {
  return (await stack.run({ ids })).head!.toFloats();
}

it('every item goes on from the tokens of the one it was, whatever lies between two runs', async () => {
  const stack = await build(spec());
  const cache = stack.newCache(3);
  let beams = [[], [], []] as number[][];
  const step = async (tokens: readonly number[]) => {
    beams = beams.map((beam, index) => [...beam, tokens[index]!]);
    const ours = (await stack.run({ ids: tokens, batch: beams.length }, { cache })).head!.toFloats();
    for (const [index, beam] of beams.entries()) {
      const part = ours.subarray(index * VOCABULARY, (index + 1) * VOCABULARY);
      expect(worst(part, await logits(stack, beam))).toBeLessThan(1e-5);
    }
  };
  const reorder = (items: readonly number[]) => {
    cache.reorder(items);
    beams = items.map((item) => beams[item]!);
    expect(cache.batch).toBe(items.length);
  };
  // Nothing is there yet.
  reorder([2, 0, 1]);
  for (const tokens of [
    [1, 2, 3],
    [4, 5, 6],
  ])
    await step(tokens);
  reorder([0, 1, 2]);
  reorder([2, 2, 0]);
  reorder([1, 2, 1, 0]);
  await step([7, 8, 9, 10]);
  reorder([3, 1]);
  cache.crop(2);
  beams = beams.map((beam) => beam.slice(0, 2));
  reorder([1, 0, 1]);
  await step([11, 12, 13]);
  // More than the memory that was reserved.
  for (let token = 0; token < 40; token += 1) {
    if (token % 7 === 3) reorder([1, 2, 0]);
    beams = beams.map((beam, index) => [...beam, token + index]);
    await stack.run({ ids: [token, token + 1, token + 2], batch: 3 }, { cache });
  }
  reorder([0, 0, 2]);
  await step([1, 2, 3]);
});

it('a copy, a reading and a tree see the new order before any run', async () => {
  const stack = await build(spec());
  const cache = stack.newCache(2);
  await stack.run({ ids: [1, 2, 3, 11, 12, 13], batch: 2 }, { cache });
  const before = cache.read(1).values.toFloats();
  cache.reorder([1]);
  const values = cache.read(1).values;
  expect(values.shape).toEqual([1, 2, 3, 12]);
  expect(values.toFloats()).toEqual(before.slice(before.length / 2));
  const fork = cache.fork();
  const tree = cache.branch(2);
  const tails = (await stack.run({ ids: [20, 21], batch: 2 }, { tree })).head!.toFloats();
  expect(worst(tails.subarray(0, VOCABULARY), await logits(stack, [11, 12, 13, 20]))).toBeLessThan(1e-5);
  expect(worst(tails.subarray(VOCABULARY), await logits(stack, [11, 12, 13, 21]))).toBeLessThan(1e-5);
  const next = (await stack.run({ ids: [22] }, { cache: fork })).head!.toFloats();
  expect(worst(next, await logits(stack, [11, 12, 13, 22]))).toBeLessThan(1e-5);
  const late = cache.branch(1);
  late.release();
  const tail = cache.branch(3);
  await stack.run({ ids: [30, 31, 32], batch: 3 }, { tree: tail });
  tail.commit(1, 1);
  const joined = (await stack.run({ ids: [33, 34, 35], batch: 3 }, { tree: tail })).head!.toFloats();
  expect(worst(joined.subarray(0, VOCABULARY), await logits(stack, [11, 12, 13, 31, 33]))).toBeLessThan(1e-5);
});

it('the keys of a memory follow, and a run that fails changes nothing', async () => {
  const cross = {
    crossAttention: {
      heads: 2,
      query: linear(WIDTH, WIDTH),
      keyValue: linear(2 * WIDTH, 10),
      output: linear(WIDTH, WIDTH),
      memory: 0,
    },
  };
  const base = spec();
  const stack = await build({ ...base, layers: [[...base.layers[0]!, cross], base.layers[1]!] });
  const data = random(2 * 4 * 10);
  const cache = stack.newCache(2);
  await stack.run({ ids: [1, 2], batch: 2 }, { cache, memory: [{ rows: Tensor.from(data, [2, 4, 10]) }] });
  cache.reorder([1, 0, 1]);
  cache.reorder([0, 0, 1]);
  const failed = stack.run({ ids: [3, 999, 3], batch: 3 }, { cache });
  await expect(failed).rejects.toMatchObject({ code: 'native/out-of-range' });
  const aborted = stack.run({ ids: [3, 4, 5], batch: 3 }, { cache, signal: AbortSignal.abort() });
  await expect(aborted).rejects.toMatchObject({ code: 'run/cancelled' });
  const ours = (await stack.run({ ids: [3, 4, 5], batch: 3 }, { cache })).head!.toFloats();
  for (const [index, item] of [1, 1, 0].entries()) {
    const memory = [{ rows: Tensor.from(data.slice(item * 40, (item + 1) * 40), [1, 4, 10]) }];
    const anew = (await stack.run({ ids: [item + 1, 3 + index] }, { memory })).head!.toFloats();
    expect(worst(ours.subarray(index * VOCABULARY, (index + 1) * VOCABULARY), anew)).toBeLessThan(1e-5);
  }
});
