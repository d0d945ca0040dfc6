/** Cross-attention of stacks: biases of memories, memories that a cache holds, errors. */
import { describe, expect, it } from 'vitest';
import type { StackSpec, SublayerSpec } from '../../src/native/stack-spec.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { build, expectClose, linear, nested, norm, preNorm, random, weight } from './drawn-stack.ts';
import { referenceStack } from './stack-reference.ts';

const [WIDTH, MEMORY_WIDTH, HEADS] = [16, 10, 2];

function cross(memory = 0): SublayerSpec {
  return {
    before: norm(WIDTH),
    crossAttention: {
      heads: HEADS,
      query: linear(WIDTH, WIDTH),
      keyValue: linear(2 * WIDTH, MEMORY_WIDTH),
      output: linear(WIDTH, WIDTH),
      memory,
    },
  };
}

function worst(ours: Float32Array, expected: Float32Array): number {
  expect(ours.length).toBe(expected.length);
  return Math.max(...ours.map((value, index) => Math.abs(value - expected[index]!)));
}

describe('the bias of a memory', () => {
  it.each([
    [1, 1],
    [1, HEADS],
    [3, 1],
    [3, HEADS],
  ])('[%i, %i, length, rows] is added to the scores; a row that sees nothing gets zeros', async (items, heads) => {
    const [batch, length, rows] = [3, 5, 4];
    const spec: StackSpec = { name: 'cross', width: WIDTH, layers: [[...preNorm(WIDTH, 24), cross(0), cross(1)]] };
    const stack = await build(spec);
    const data = random(batch * length * WIDTH);
    const memories = [random(batch * rows * MEMORY_WIDTH), random(batch * rows * MEMORY_WIDTH)];
    const biases = memories.map(() => random(items * heads * length * rows, 3));
    // Query 2 of every item and head sees no row of the first memory.
    for (let plane = 0; plane < items * heads; plane += 1) {
      biases[0]!.fill(Number.NEGATIVE_INFINITY, (plane * length + 2) * rows, (plane * length + 3) * rows);
    }
    const result = await stack.run(
      { rows: Tensor.from(data, [batch, length, WIDTH]) },
      {
        memory: memories.map((memory, index) => ({
          rows: Tensor.from(memory, [batch, rows, MEMORY_WIDTH]),
          bias: Tensor.from(biases[index]!, [items, heads, length, rows]),
        })),
      },
    );
    const reference = referenceStack(spec, {
      rows: nested(data, batch, length, WIDTH),
      memory: memories.map((memory) => nested(memory, batch, rows, MEMORY_WIDTH)),
      memoryBias: (memory, item, head, query, key) => {
        const plane = (items === 1 ? 0 : item * heads) + (heads === 1 ? 0 : head);
        return biases[memory]![(plane * length + query) * rows + key]!;
      },
    });
    expectClose(result.hidden!.toFloats(), reference.hidden);
  });

  it('joins a mask, and a head over one row reads its own row of it', async () => {
    const head = { rows: 'chosen' as const, linear: linear(5, WIDTH) };
    const stack = await build({ name: 'head', width: WIDTH, layers: [[...preNorm(WIDTH, 24), cross()]], head });
    const rows = Tensor.from(random(2 * 3 * WIDTH), [2, 3, WIDTH]);
    const held = Tensor.from(random(2 * 4 * MEMORY_WIDTH), [2, 4, MEMORY_WIDTH]);
    const numbers = random(3 * 4, 2);
    const memory = [{ rows: held, mask: [1, 1, 1, 0, 1, 1, 1, 0], bias: Tensor.from(numbers, [1, 1, 3, 4]) }];
    const hidden = numbers.map((value, index) => (index % 4 === 3 ? Number.NEGATIVE_INFINITY : value));
    const same = [{ rows: held, bias: Tensor.from(hidden, [1, 1, 3, 4]) }];
    const headRows = [2, 1];
    const whole = await stack.run({ rows }, { memory, headRows });
    const alone = await stack.run({ rows }, { memory: same, headRows, outputs: { hidden: false } });
    expect(worst(alone.head!.toFloats(), whole.head!.toFloats())).toBeLessThan(1e-5);
  });
});

describe('a memory that a cache holds', () => {
  const spec = (): StackSpec => ({
    name: 'decoder',
    width: WIDTH,
    tokens: { tokens: weight(50, WIDTH), positions: weight(32, WIDTH) },
    layers: [[...preNorm(WIDTH, 24, { causal: true }), cross()]],
    head: { rows: 'all', linear: { weight: weight(50, WIDTH) } },
  });
  const ids = [3, 1, 4, 1, 5];
  const drawn = (rows: number) => Tensor.from(random(rows * MEMORY_WIDTH), [1, rows, MEMORY_WIDTH]);

  it('is read with the bias of each run', async () => {
    const stack = await build(spec());
    const held = drawn(4);
    const bias = random(ids.length * 4, 3);
    const rows = (first: number, count: number) =>
      Tensor.from(bias.slice(first * 4, (first + count) * 4), [1, 1, count, 4]);
    const whole = (await stack.run({ ids }, { memory: [{ rows: held, bias: rows(0, 5) }] })).head!.toFloats();
    const cache = stack.newCache();
    const parts: number[] = [];
    for (const [first, part] of [[3, 1, 4], [1], [5]].entries()) {
      const start = first === 0 ? 0 : first + 2;
      const memory = [{ rows: held, bias: rows(start, part.length) }];
      parts.push(...(await stack.run({ ids: part }, { cache, memory })).head!.toFloats());
    }
    expect(worst(Float32Array.from(parts), whole)).toBeLessThan(1e-5);
  });

  it('goes when the cache is emptied, and cannot be another one before', async () => {
    const stack = await build(spec());
    const [first, second] = [drawn(4), drawn(6)];
    const cache = stack.newCache();
    await stack.run({ ids }, { cache, memory: [{ rows: first }] });
    await expect(stack.run({ ids: [9] }, { cache, memory: [{ rows: second }] })).rejects.toMatchObject({
      code: 'native/bad-argument',
    });
    expect(cache.length).toBe(5);
    cache.crop(0);
    const again = (await stack.run({ ids }, { cache, memory: [{ rows: second }] })).head!.toFloats();
    const anew = (await stack.run({ ids }, { memory: [{ rows: second }] })).head!.toFloats();
    expect(again).toEqual(anew);
  });
});

it('biases of other shapes are refused by name', async () => {
  const stack = await build({ name: 'cross', width: WIDTH, layers: [[cross()]] });
  const rows = Tensor.from(random(2 * 3 * WIDTH), [2, 3, WIDTH]);
  const held = Tensor.from(random(2 * 4 * MEMORY_WIDTH), [2, 4, MEMORY_WIDTH]);
  for (const shape of [
    [1, 1, 3, 5],
    [1, 1, 1, 4],
    [3, 1, 3, 4],
    [3, 4],
  ]) {
    const bias = Tensor.from(random(shape.reduce((product, side) => product * side)), shape);
    await expect(stack.run({ rows }, { memory: [{ rows: held, bias }] })).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('memory[0].bias'),
    });
  }
  // How many heads there are only the addon knows.
  const bias = Tensor.from(random(5 * 12), [1, 5, 3, 4]);
  await expect(stack.run({ rows }, { memory: [{ rows: held, bias }] })).rejects.toMatchObject({
    code: 'native/bad-argument',
  });
  bias.release();
  await expect(stack.run({ rows }, { memory: [{ rows: held, bias }] })).rejects.toMatchObject({
    code: 'native/released',
  });
});
