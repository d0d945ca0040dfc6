import { describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import clipImage from '../../../src/nodes/encode/clip-image.ts';
import type { ClipTowers } from '../../../src/nodes/services.ts';
import type { TensorValue } from '../../../src/protocol/value.ts';
import { runBatch, runNode } from '../call-node.ts';

function pixels(side: number, value: number, name?: string): TensorValue {
  const data = new Float32Array(3 * side * side).fill(value);
  const tensor = { kind: 'Tensor', dtype: 'float32', shape: [3, side, side], data } as const;
  return name === undefined ? tensor : { ...tensor, origin: { width: 9, height: 9, name } };
}

/** Embeds a picture as [its side, its first number] and notes the size of every batch; refuses pictures of side 9. */
function towers(batches: number[]): ClipTowers {
  return {
    space: 'trial#1',
    logitScale: 20,
    async encodeImages(tensors) {
      batches.push(tensors.length);
      if (tensors[0]?.shape[1] === 9) {
        throw new WeftError('model/bad-input', { model: 'trial', expected: '2 x 2', input: 'x', received: '9 x 9' });
      }
      return tensors.map(({ shape, data }) => Float32Array.from([shape[1]!, Number(data[0])]));
    },
    encodeTexts: () => Promise.reject(new Error('not asked')),
  };
}

describe('encode/clip-image', () => {
  it("gives the tower's embedding with space, scale and the picture's name", async () => {
    const clip = async (ref: string) => {
      expect(ref).toBe('zoo/trial');
      return towers([]);
    };
    const made = await runNode(clipImage, { model: 'zoo/trial' }, { pixels: pixels(2, 5, 'cat.png') }, { clip });
    const embedding = { kind: 'Embedding', space: 'trial#1', logitScale: 20, label: 'cat.png' };
    expect(made).toEqual({ embedding: { ...embedding, data: Float32Array.from([2, 5]) } });
    const unnamed = await runNode(clipImage, { model: 'zoo/trial' }, { pixels: pixels(2, 5) }, { clip });
    expect(unnamed.embedding.label).toBeUndefined();
  });

  it('encodes pictures of one size in one batch, and a size that does not fit fails alone', async () => {
    const batches: number[] = [];
    const calls = [pixels(2, 1, 'a'), pixels(3, 2, 'b'), pixels(9, 0, 'c'), pixels(2, 3, 'd')].map((tensor) => {
      return { pixels: tensor };
    });
    const results = await runBatch(clipImage, { model: 'zoo/trial' }, calls, { clip: async () => towers(batches) });
    expect(batches).toEqual([2, 1, 1]);
    expect(results).toMatchObject([
      { embedding: { label: 'a', data: Float32Array.from([2, 1]) } },
      { embedding: { label: 'b', data: Float32Array.from([3, 2]) } },
      { code: 'model/bad-input' },
      { embedding: { label: 'd', data: Float32Array.from([2, 3]) } },
    ]);
  });
});
