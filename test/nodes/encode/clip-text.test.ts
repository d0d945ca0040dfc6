import { describe, expect, it } from 'vitest';
import clipText from '../../../src/nodes/encode/clip-text.ts';
import type { ClipTowers } from '../../../src/nodes/services.ts';
import { runBatch, runNode } from '../call-node.ts';

/** Embeds a text as [its length] and notes every batch. */
function towers(batches: string[][]): ClipTowers {
  return {
    space: 'trial#1',
    logitScale: 20,
    encodeImages: () => Promise.reject(new Error('not asked')),
    async encodeTexts(texts) {
      batches.push([...texts]);
      return texts.map((text) => Float32Array.from([text.length]));
    },
  };
}

describe('encode/clip-text', () => {
  it('embeds the text and keeps what it stands for', async () => {
    const clip = async () => towers([]);
    const prompt = { kind: 'Text', text: 'a cat', label: 'cat' } as const;
    const { embedding } = await runNode(clipText, { model: 'zoo/trial' }, { text: prompt }, { clip });
    const data = Float32Array.from([5]);
    expect(embedding).toEqual({ kind: 'Embedding', space: 'trial#1', logitScale: 20, label: 'cat', data });
    const bare = { kind: 'Text', text: 'a dog' } as const;
    const unlabelled = await runNode(clipText, { model: 'zoo/trial' }, { text: bare }, { clip });
    expect(unlabelled.embedding.label).toBe('a dog');
  });

  it('encodes all texts of a batch at once, in order', async () => {
    const batches: string[][] = [];
    const calls = ['one', 'three', 'seven'].map((text) => ({ text: { kind: 'Text', text } as const }));
    const results = await runBatch(clipText, { model: 'zoo/trial' }, calls, { clip: async () => towers(batches) });
    expect(batches).toEqual([['one', 'three', 'seven']]);
    expect(results).toMatchObject([3, 5, 5].map((size) => ({ embedding: { data: Float32Array.from([size]) } })));
  });
});
