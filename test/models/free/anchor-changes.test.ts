/** Collections of anchors on disk: adding, replacing, removing, what a stopped writer leaves, what is refused. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnchorChanges } from '../../../src/models/free/anchor-changes.ts';
import { AnchorIndex } from '../../../src/models/free/anchor-index.ts';
import { createAnchorShelf } from '../../../src/models/free/anchor-shelf.ts';
import { relativeRows } from '../../../src/models/free/asif.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { numbersFrom } from '../../native/random-numbers.ts';
import { drawnAnchor, drawnAnchors, drawnSpaces } from './drawn-anchors.ts';

/** Every anchor with all that is kept of it, in order. */
async function contentOf(folder: string) {
  const index = await AnchorIndex.open(folder, 'trial');
  const places = Array.from({ length: index.count }, (_, place) => place);
  const [entries, thumbnails] = [await index.entries(places), await index.thumbnails(places)];
  index.close();
  return entries.map((entry, place) => ({ ...entry, thumbnail: [...thumbnails[place]!] }));
}

const idsOf = async (folder: string) => (await contentOf(folder)).map(({ id }) => id);
const numbered = (...numbers: number[]) => numbers.map((number) => `pair-${number}`);

/** The 5 nearest of every side to some queries, by id, with their cosines. */
async function nearestOf(folder: string) {
  const random = numbersFrom(9);
  const index = await AnchorIndex.open(folder, 'trial');
  const found = [];
  for (const side of ['image', 'text'] as const) {
    const { width } = index.spaces[side];
    const { places, similarities, values } = await relativeRows({ data: random(3 * width), width }, index.rows(side), {
      k: 5,
      p: 8,
    });
    const entries = await index.entries([...places]);
    found.push({ ids: entries.map(({ id }) => id), similarities: [...similarities], values: [...values] });
  }
  index.close();
  return found;
}

describe('a collection of anchors', () => {
  it('grows, keeps what belongs to each anchor, and replaces those of known ids', async () => {
    const folder = temporaryFolder();
    const changes = new AnchorChanges(folder, 'trial');
    expect(await changes.add(drawnSpaces, drawnAnchors(0, 5))).toBe(5);
    expect(await changes.add(drawnSpaces, drawnAnchors(5, 2))).toBe(7);
    expect(await idsOf(folder)).toEqual(numbered(0, 1, 2, 3, 4, 5, 6));
    expect((await contentOf(folder))[6]).toEqual({
      id: 'pair-6',
      caption: 'caption 6',
      picture: 'pictures/6.png',
      hash: 'hash-6',
      thumbnail: [6, 1, 2],
    });
    async function* changed() {
      yield drawnAnchor(3, { caption: 'another', hash: 'other', thumbnail: new Uint8Array() });
    }
    expect(await changes.add(drawnSpaces, changed())).toBe(7);
    expect(await idsOf(folder)).toEqual(numbered(0, 1, 2, 4, 5, 6, 3));
    expect((await contentOf(folder))[6]).toMatchObject({ caption: 'another', thumbnail: [] });
    expect((await changes.known()).get('pair-3')).toBe('other');
    // One small segment, the manifest, nothing else.
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('forgets exactly: what was removed is in no file and in no answer', async () => {
    const [kept, never] = [temporaryFolder(), temporaryFolder()];
    const changes = new AnchorChanges(kept, 'trial');
    await changes.add(drawnSpaces, drawnAnchors(0, 60));
    const removed = new Set(numbered(0, 7, 8, 41, 59));
    expect(await changes.remove((id) => removed.has(id))).toBe(55);
    async function* others() {
      for await (const anchor of drawnAnchors(0, 60)) if (!removed.has(anchor.id)) yield anchor;
    }
    await new AnchorChanges(never, 'trial').add(drawnSpaces, others());
    expect(await nearestOf(kept)).toEqual(await nearestOf(never));
    const bytes = readdirSync(kept)
      .map((file) => readFileSync(join(kept, file), 'latin1'))
      .join();
    for (const id of removed) expect(bytes).not.toContain(`"${id}"`);
    expect(bytes).toContain('"pair-1"');
    // Down to the last byte of the vectors.
    const [ours, theirs] = [kept, never].map(
      (folder) => readdirSync(folder).find((file) => file.endsWith('.safetensors'))!,
    );
    expect(readFileSync(join(kept, ours!)).equals(readFileSync(join(never, theirs!)))).toBe(true);
  });

  it('becomes empty, and says so', async () => {
    const folder = temporaryFolder();
    const changes = new AnchorChanges(folder, 'trial');
    await changes.add(drawnSpaces, drawnAnchors(0, 3));
    expect(await changes.remove(() => true)).toBe(0);
    const index = await AnchorIndex.open(folder, 'trial');
    expect(() => index.expectSpace('image', drawnSpaces.image, 'query')).toThrow('at least one anchor');
  });

  it('is what it was when a writer stops half-way, and the next one clears up', async () => {
    const folder = temporaryFolder();
    const changes = new AnchorChanges(folder, 'trial');
    await changes.add(drawnSpaces, drawnAnchors(0, 4));
    // What a writer that was killed between its segment and its manifest leaves behind.
    writeFileSync(join(folder, 'lost.safetensors'), 'half a segment');
    writeFileSync(join(folder, 'manifest.json.1.partial'), '{');
    async function* failing() {
      yield drawnAnchor(4);
      throw new Error('the encoder broke');
    }
    await expect(changes.add(drawnSpaces, failing())).rejects.toThrow('the encoder broke');
    expect(await idsOf(folder)).toEqual(numbered(0, 1, 2, 3));
    await changes.add(drawnSpaces, drawnAnchors(4, 1));
    expect(await idsOf(folder)).toEqual(numbered(0, 1, 2, 3, 4));
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('stays for readers as they opened it', async () => {
    const folder = temporaryFolder();
    const changes = new AnchorChanges(folder, 'trial');
    await changes.add(drawnSpaces, drawnAnchors(0, 20));
    const index = await AnchorIndex.open(folder, 'trial');
    await changes.remove((id) => id === 'pair-1');
    const data = drawnAnchor(1).image;
    const { places, similarities } = await relativeRows({ data, width: 24 }, index.rows('image'), { k: 1, p: 8 });
    expect([...places]).toEqual([1]);
    expect(similarities[0]).toBeCloseTo(1, 3);
    expect((await index.entries([1, 0])).map(({ id }) => id)).toEqual(['pair-1', 'pair-0']);
    expect((await index.thumbnails([1])).map((bytes) => [...bytes])).toEqual([[1, 1, 2]]);
    index.close();
  });

  it('takes no anchors of other spaces', async () => {
    const folder = temporaryFolder();
    const changes = new AnchorChanges(folder, 'trial');
    await changes.add(drawnSpaces, drawnAnchors(0, 2));
    const other = { ...drawnSpaces, text: { space: 'read#2', width: 16 } };
    const error = await failure(changes.add(other, drawnAnchors(2, 1)));
    expect(error).toMatchObject({ code: 'run/bad-parameter' });
    expect(error.message).toContain('space "read#1" [16]');
    expect(await idsOf(folder)).toEqual(numbered(0, 1));
  });

  it('tells files that are no collection', async () => {
    const folder = temporaryFolder();
    const shelf = createAnchorShelf(folder);
    expect(await failure(shelf.open('absent'))).toMatchObject({ code: 'input/not-found' });
    for (const name of ['../up', '', 'a/b', '.hidden', 'dot.']) {
      expect(await failure(shelf.open(name)), name).toMatchObject({ code: 'run/bad-parameter' });
    }
    mkdirSync(join(folder, 'broken'));
    writeFileSync(join(folder, 'broken/manifest.json'), '{"weftAnchors":1}');
    expect(await failure(shelf.open('broken'))).toMatchObject({ code: 'input/bad-file' });
    await shelf.changes('cut').add(drawnSpaces, drawnAnchors(0, 2));
    const [segment] = readdirSync(join(folder, 'cut')).filter((file) => file.endsWith('.safetensors'));
    writeFileSync(join(folder, 'cut', segment!), 'no longer a segment');
    expect(await failure(shelf.open('cut'))).toMatchObject({ code: 'input/bad-file' });
  });

  it('is opened once until it changes', async () => {
    const shelf = createAnchorShelf(temporaryFolder());
    await shelf.changes('trial').add(drawnSpaces, drawnAnchors(0, 2));
    const first = await shelf.open('trial');
    expect(await shelf.open('trial')).toBe(first);
    await shelf.changes('trial').add(drawnSpaces, drawnAnchors(2, 1));
    expect((await shelf.open('trial')).count).toBe(3);
    expect(first.count).toBe(2);
  });
});
