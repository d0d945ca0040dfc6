import { describe, expect, it } from 'vitest';
import retrieve from '../../../src/nodes/head/retrieve.ts';
import type { EmbeddingValue } from '../../../src/protocol/value.ts';
import { failure } from '../../files/temporary-folder.ts';
import { emitNode } from '../call-node.ts';
import { embedding } from '../embedding.ts';

const images: EmbeddingValue[] = [
  embedding([1, 0], 'right.png'),
  embedding([0, 9], 'up.png'),
  embedding([0.1, 0.1], 'slope.png'),
];
const texts: EmbeddingValue[] = [embedding([0, 1], 'up'), embedding([2, 1], 'mostly right')];

async function matches(given: Record<string, string | number>, pictures: EmbeddingValue[] = images, queries = texts) {
  const items = await emitNode(retrieve, given, { images: pictures, texts: queries });
  return items.map((item) => {
    if ('error' in item) throw item.error;
    return { key: item.key, ...item.outputs };
  });
}

describe('head/retrieve', () => {
  it('ranks pictures for each text by cosine', async () => {
    const [up, right] = await matches({ k: 2 });
    expect(up).toMatchObject({ key: 'up', scores: { subject: 'up', normalized: false } });
    expect(up?.scores.entries.map(({ label }) => label)).toEqual(['up.png', 'slope.png']);
    expect(up?.scores.entries[0]?.score).toBeCloseTo(1, 6);
    expect(up?.scores.entries[1]?.score).toBeCloseTo(Math.SQRT1_2, 6);
    expect(right?.scores.entries.map(({ label }) => label)).toEqual(['slope.png', 'right.png']);
  });

  it('ranks texts for each picture', async () => {
    const found = await matches({ direction: 'image-to-text', k: 1 });
    expect(found.map(({ key, scores }) => [key, scores.entries[0]?.label])).toEqual([
      ['right.png', 'mostly right'],
      ['up.png', 'up'],
      ['slope.png', 'mostly right'],
    ]);
  });

  it('gives the same as a table', async () => {
    const [up] = await matches({ k: 2 });
    expect(up?.table.columns).toEqual(['query', 'rank', 'match', 'cosine']);
    expect(up?.table.rows.map((row) => row.slice(0, 3))).toEqual([
      ['up', 1, 'up.png'],
      ['up', 2, 'slope.png'],
    ]);
  });

  it('keeps the order of the candidates where cosines are equal, and gives fewer than k when there are fewer', async () => {
    const same = [embedding([1, 0], 'b'), embedding([2, 0], 'a'), embedding([4, 0])];
    const [only, ...others] = await matches({ k: 9 }, same, [embedding([1, 1], 'query')]);
    expect(others).toEqual([]);
    expect(only?.scores.entries.map(({ label }) => label)).toEqual(['b', 'a', 'item 3']);
  });

  it('finds the best of a large gallery', async () => {
    // Cosine with (1, 0) grows with the index, except that a few early ones are better still.
    const gallery = Array.from({ length: 5000 }, (_, index) => {
      const angle = index % 1000 === 7 ? index / 1e6 : 1.5 - index / 5000;
      return embedding([Math.cos(angle), Math.sin(angle)], `p${index}`);
    });
    const [only] = await matches({ k: 7 }, gallery, [embedding([1, 0], 'query')]);
    expect(only?.scores.entries.map(({ label }) => label)).toEqual([
      'p7',
      'p1007',
      'p2007',
      'p3007',
      'p4007',
      'p4999',
      'p4998',
    ]);
  });

  it('refuses an empty side and mixed spaces', async () => {
    for (const inputs of [
      { images: [], texts },
      { images, texts: [] },
      { images: [], texts: [] },
      { images, texts: [embedding([1, 0], 'x', { space: 'other' })] },
    ]) {
      expect(await failure(emitNode(retrieve, {}, inputs))).toMatchObject({ code: 'run/bad-input' });
    }
  });
});
