/** The attention operator against plain JavaScript: heads, grouped heads, masks, biases, errors. */
import { describe, expect, it } from 'vitest';
import { type AttentionOptions, attention } from '../../src/native/attention.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { numbersFrom } from './random-numbers.ts';

const random = numbersFrom(4);
const [BATCH, QUERIES, KEYS, HEADS, SIZE] = [2, 5, 7, 4, 6] as const;

interface Reference {
  readonly keyHeads: number;
  readonly scale: number;
  /** What is added to the score, -Infinity for a key that is not seen. */
  readonly bias: (item: number, head: number, query: number, key: number) => number;
}

function reference(q: Float32Array, k: Float32Array, v: Float32Array, { keyHeads, scale, bias }: Reference): number[] {
  const out: number[] = [];
  for (let place = 0; place < BATCH * QUERIES * HEADS; place += 1) {
    const [row, head] = [Math.floor(place / HEADS), place % HEADS];
    const item = Math.floor(row / QUERIES);
    const keyHead = Math.floor(head / (HEADS / keyHeads));
    const at = (key: number) => ((item * KEYS + key) * keyHeads + keyHead) * SIZE;
    const scores = Array.from({ length: KEYS }, (_, key) => {
      let sum = 0;
      for (let d = 0; d < SIZE; d += 1) sum += q[(row * HEADS + head) * SIZE + d]! * k[at(key) + d]!;
      return sum * scale + bias(item, head, row % QUERIES, key);
    });
    const highest = Math.max(...scores);
    const powers = scores.map((score) => (highest === -Infinity ? 0 : Math.exp(score - highest)));
    const total = powers.reduce((sum, power) => sum + power, 0) || 1;
    for (let d = 0; d < SIZE; d += 1) {
      out.push(powers.reduce((sum, power, key) => sum + (power / total) * v[at(key) + d]!, 0));
    }
  }
  return out;
}

async function compare(options: Partial<AttentionOptions>, expected: Partial<Reference>) {
  const keyHeads = options.keyHeads ?? HEADS;
  const data = [random(BATCH * QUERIES * HEADS * SIZE), ...[1, 2].map(() => random(BATCH * KEYS * keyHeads * SIZE))];
  using query = Tensor.from(data[0]!, [BATCH, QUERIES, HEADS * SIZE]);
  using key = Tensor.from(data[1]!, [BATCH, KEYS, keyHeads * SIZE]);
  using value = Tensor.from(data[2]!, [BATCH, KEYS, keyHeads * SIZE]);
  using result = await attention(query, key, value, { heads: HEADS, ...options });
  const wanted = reference(data[0]!, data[1]!, data[2]!, {
    keyHeads,
    scale: 1 / Math.sqrt(SIZE),
    bias: () => 0,
    ...expected,
  });
  expect(result.shape).toEqual([BATCH, QUERIES, HEADS * SIZE]);
  const worst = result.toFloats().reduce((most, x, index) => Math.max(most, Math.abs(x - wanted[index]!)), 0);
  expect(worst).toBeLessThan(2e-6);
}

describe('attention', () => {
  it('sees every key', () => compare({}, {}));
  it('shares keys among groups of heads', () => compare({ keyHeads: 2 }, { keyHeads: 2 }));
  it('takes a scale', () => compare({ scale: 2 }, { scale: 2 }));

  it('is causal from the last key back, but for a prefix', async () => {
    const offset = KEYS - QUERIES;
    await compare({ causal: true }, { bias: (_, __, query, key) => (key <= query + offset ? 0 : -Infinity) });
    await compare(
      { causal: true, prefix: 5 },
      { bias: (_, __, query, key) => (key <= query + offset || key < 5 ? 0 : -Infinity) },
    );
  });

  it('adds biases of keys and of scores; a query without keys gives zeros', async () => {
    const hidden = Float32Array.from({ length: BATCH * KEYS }, (_, place) =>
      place >= KEYS || place === 2 ? -Infinity : 0,
    );
    using keyBias = Tensor.from(hidden, [BATCH, KEYS]);
    await compare({ keyBias }, { bias: (item, _, __, key) => hidden[item * KEYS + key]! });
    const added = random(HEADS * QUERIES * KEYS, 3);
    using bias = Tensor.from(added, [1, HEADS, QUERIES, KEYS]);
    await compare({ bias }, { bias: (_, head, query, key) => added[(head * QUERIES + query) * KEYS + key]! });
  });

  it('refuses what does not fit', async () => {
    using query = Tensor.from(random(2 * 3 * 8), [2, 3, 8]);
    using key = Tensor.from(random(2 * 4 * 8), [2, 4, 8]);
    using short = Tensor.from(random(2 * 2 * 8), [2, 2, 8]);
    const refused = { code: 'native/bad-argument' };
    await expect(attention(query, key, key, { heads: 3 })).rejects.toMatchObject(refused);
    await expect(attention(query, key, short, { heads: 2 })).rejects.toMatchObject(refused);
    await expect(attention(query, key, key, { heads: 2, keyHeads: 1 })).rejects.toMatchObject(refused);
    await expect(attention(query, short, short, { heads: 2, causal: true })).rejects.toMatchObject(refused);
    await expect(attention(query, key, key, { heads: 2, bias: key })).rejects.toMatchObject(refused);
    await expect(attention(query, key, key, { heads: 2, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});
