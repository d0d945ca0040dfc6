import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { clip } from '../../../src/models/families/clip.ts';
import { siglip } from '../../../src/models/families/siglip.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { TextSearch } from '../../../src/models/towers/text-search.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import { commonLength, TokenTrie } from '../../../src/models/towers/token-trie.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

/** Pooled at the first end token, and by the legacy rule at the first of the largest ids. */
const TOWERS = { magic_k45: { end: 21, start: 20 }, magic_k5: { end: 85, start: 84 } } as const;
type Name = keyof typeof TOWERS;

const towers = new Map<Name, TextTower>();
const load = (name: Name) =>
  fromCheckpoint(join(FIXTURES, name, 'clip'), { model: name }, async (checkpoint) =>
    TextTower.build((await clip(checkpoint)).text),
  );
beforeAll(async () => {
  for (const name of Object.keys(TOWERS) as Name[]) towers.set(name, await load(name));
});

async function expectSame(tower: TextTower, search: TextSearch, texts: readonly (readonly number[])[]) {
  const found = await search.embed(texts);
  expect(found).toHaveLength(texts.length);
  for (const [place, ids] of texts.entries()) {
    const whole = (await tower.embed({ ids })).toFloats();
    for (const [index, value] of whole.entries()) expect(found[place]![index]).toBeCloseTo(value, 4);
  }
}

describe.each(Object.keys(TOWERS) as Name[])('search over texts of %s', (name) => {
  const { start, end } = TOWERS[name];

  it('gives what encoding each text whole gives, while the texts grow, change and shrink', async () => {
    const tower = towers.get(name)!;
    const search = new TextSearch(tower, tower.causal!);
    const around = (...ids: number[]) => [start, ...ids, end];
    await expectSame(tower, search, [around(3), around(4), around(5, 6)]);
    await expectSame(tower, search, [around(4, 3), around(4, 7, 8), around(4), around(4, 3)]);
    await expectSame(tower, search, [around(4, 7, 1), around(4, 7, 2), around(4, 9)]);
    // Everything after the row that is read is of no matter.
    await expectSame(tower, search, [[...around(4, 7), 1, 2], around(4, 7)]);
    await expectSame(tower, search, [around(4, 7)]);
    // The beginning moves on, as beyond the last tokens that are compared.
    await expectSame(tower, search, [around(7, 1, 2), around(7, 1, 3)]);
    await expectSame(tower, search, [around(7, 1, 2, 5), around()]);
    search.release();
    search.release();
  });

  it('splits what would be too many rows into runs', async () => {
    const tower = towers.get(name)!;
    const search = new TextSearch(tower, tower.causal!);
    const texts = Array.from({ length: 120 }, (_, text) => [start, 2, 3, 4 + (text % 9), text % 11, text % 13, end]);
    await expectSame(tower, search, texts);
    await expectSame(tower, search, texts.slice(0, 3));
    search.release();
  });

  it('goes on after a run that was cancelled', async () => {
    const tower = towers.get(name)!;
    const search = new TextSearch(tower, tower.causal!);
    await expectSame(tower, search, [
      [start, 2, 3, end],
      [start, 2, 4, end],
    ]);
    const run = search.embed(
      [
        [start, 2, 5, end],
        [start, 9, end],
      ],
      AbortSignal.abort(),
    );
    await expect(run).rejects.toMatchObject({ code: 'run/cancelled' });
    await expectSame(tower, search, [
      [start, 2, 3, 6, end],
      [start, 2, 3, 7, end],
    ]);
    search.release();
  });
});

it('towers whose tokens see later ones cannot be searched', async () => {
  const tower = await fromCheckpoint(join(FIXTURES, 'siglip_options'), { model: 'test' }, async (checkpoint) =>
    TextTower.build((await siglip(checkpoint)).text),
  );
  expect(tower.causal).toBeUndefined();
});

describe('a trie of tokens', () => {
  it('keeps each beginning once, in the order it came', () => {
    const trie = new TokenTrie();
    expect(trie.missing([5, 6])).toBe(2);
    expect([trie.add([5, 6, 7]), trie.add([5, 6]), trie.isChain, trie.add([5, 8]), trie.isChain]).toEqual([
      2,
      1,
      true,
      3,
      false,
    ]);
    expect([trie.missing([5, 6, 9, 1]), trie.missing([5])]).toEqual([2, 0]);
    expect([trie.ids, trie.depths]).toEqual([
      [5, 6, 7, 8],
      [0, 1, 2, 1],
    ]);
  });

  it('lets a node see what stands before it, and itself', () => {
    const trie = new TokenTrie();
    trie.add([5, 6]);
    trie.add([5, 7]);
    const none = Number.NEGATIVE_INFINITY;
    expect([...trie.bias(1)]).toEqual([0, 0, none, none, 0, 0, 0, none, 0, 0, none, 0]);
  });

  it('has a common length of paths', () => {
    expect(
      commonLength([
        [1, 2, 3],
        [1, 2],
        [1, 2, 4],
      ]),
    ).toBe(2);
    expect(commonLength([[1], [2]])).toBe(0);
    expect(commonLength([[1, 2]])).toBe(2);
  });
});
