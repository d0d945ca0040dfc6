import { describe, expect, it } from 'vitest';
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import type { DecodingSteps } from '../../../src/models/decoding/steps.ts';
import type { LoopOptions } from '../../../src/models/decoding/token-loop.ts';
import { Tensor } from '../../../src/native/tensor.ts';

/** Token 4 is likeliest after everything, then 2. */
const LOGITS = [0, 0.5, 3, 1, 4];
const rules = { endIds: [4], padId: 0 };

function steps(batch: number): DecodingSteps & { readonly reads: number[][]; released: number } {
  const made = {
    name: 'test/steps',
    positions: 8,
    batch,
    reads: [] as number[][],
    released: 0,
    async read(ids: readonly number[]) {
      made.reads.push([...ids]);
      const data = Float32Array.from(Array.from({ length: batch }, () => LOGITS).flat());
      return { hidden: undefined, head: Tensor.from(data, [batch, LOGITS.length]), hiddenStates: [] };
    },
    reorder() {},
    release() {
      made.released += 1;
    },
  };
  return made;
}

const write = (prompts: number[][], options: Partial<LoopOptions>) =>
  decodeGreedily(steps(prompts.length), prompts, { ...rules, maxNewTokens: 3, ...options });

describe('greedy decoding', () => {
  it('reads the prompts, then one token of each text, and tells every step', async () => {
    const two = steps(2);
    const told: (readonly number[])[] = [];
    const options = { endIds: [], padId: 0, maxNewTokens: 2, onStep: (tokens: readonly number[]) => told.push(tokens) };
    const prompts = [
      [1, 2],
      [3, 1],
    ];
    expect(await decodeGreedily(two, prompts, options)).toEqual([
      [1, 2, 4, 4],
      [3, 1, 4, 4],
    ]);
    expect(two.reads).toEqual([
      [1, 2, 3, 1],
      [4, 4],
    ]);
    expect(told).toEqual([
      [4, 4],
      [4, 4],
    ]);
    expect(two.released).toBe(1);
  });

  it('does not end a text that is too short', async () => {
    expect(await write([[1]], { minTokens: 2 })).toEqual([[1, 2, 2, 4]]);
  });

  it('puts forced tokens first and last', async () => {
    expect(await write([[1]], { forcedFirst: 3, endIds: [], forcedLast: [2] })).toEqual([[1, 3, 4, 2]]);
    expect(await write([[1, 1]], { forcedFirst: 3, endIds: [] })).toEqual([[1, 1, 4, 4, 4]]);
  });

  it('needs prompts of one length that fit', async () => {
    for (const [prompts, maxNewTokens] of [
      [[[1], [1, 2]], 1],
      [[[1, 1, 1, 1]], 6],
      [[[]], 1],
      [[[1]], 0],
    ] as const) {
      const asked = steps(prompts.length);
      await expect(
        decodeGreedily(
          asked,
          prompts.map((row) => [...row]),
          { ...rules, maxNewTokens },
        ),
      ).rejects.toMatchObject({ code: 'model/bad-input' });
      expect(asked.released).toBe(1);
    }
    expect(await write([[1, 1, 1, 1]], { maxNewTokens: 5, endIds: [] })).toEqual([[1, 1, 1, 1, 4, 4, 4, 4, 4]]);
  });
});
