import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GraphStore } from '../../src/files/graph-store.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';

const graph: Graph = { weft: 1, name: 'Colours', description: 'one text', nodes: { t: { type: 'source/texts' } } };

let folder: string;
let shippedFolder: string;
let ownFolder: string;
let store: GraphStore;
/** Node types whose models are here. */
let present: Set<string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-graphs-'));
  shippedFolder = join(folder, 'shipped');
  ownFolder = join(folder, 'own');
  await mkdir(shippedFolder);
  await writeFile(join(shippedFolder, 'gallery.json'), JSON.stringify({ ...graph, name: 'Gallery' }));
  await writeFile(join(shippedFolder, 'broken.json'), '{');
  const modelsOf = async ({ nodes }: Graph) =>
    Object.values(nodes).map(({ type }) => ({ ref: `model of ${type}`, present: present.has(type) }));
  present = new Set(['source/texts']);
  store = new GraphStore({ shippedFolder, ownFolder, modelsOf });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('GraphStore', () => {
  it('lists what can be read, shipped ones read-only', async () => {
    expect((await store.list()).map(({ name, title, editable }) => ({ name, title, editable }))).toEqual([
      { name: 'gallery', title: 'Gallery', editable: false },
    ]);
  });

  it('tells which models a graph needs, and whether they are here now', async () => {
    const models = [{ ref: 'model of source/texts', present: true }];
    expect(await store.write('own', graph, undefined)).toMatchObject({ models });
    expect((await store.list()).map(({ name, models }) => ({ name, models }))).toEqual([
      { name: 'gallery', models },
      { name: 'own', models },
    ]);
    present.clear();
    expect(await store.read('own')).toMatchObject({ models: [{ ref: 'model of source/texts', present: false }] });
  });

  it('names what is near when there is no graph of a name', async () => {
    await expect(store.read('galery')).rejects.toMatchObject({
      code: 'input/not-found',
      remedy: expect.stringContaining('"gallery"'),
    });
    await expect(store.read('something-else')).rejects.toMatchObject({
      remedy: expect.not.stringContaining('nearest'),
    });
  });

  it('saves a new graph and reads it back', async () => {
    const entry = await store.write('colours', graph, undefined);
    expect(entry).toMatchObject({ name: 'colours', title: 'Colours', editable: true });
    const read = await store.read('colours');
    expect(read.graph).toEqual(graph);
    expect(read.revision).toBe(entry.revision);
    expect(await readdir(ownFolder)).toEqual(['colours.json']);
  });

  it('writes the same bytes for the same graph', async () => {
    await store.write('a', graph, undefined);
    await store.write('b', JSON.parse(JSON.stringify(graph)), undefined);
    expect(await readFile(join(ownFolder, 'a.json'), 'utf8')).toBe(await readFile(join(ownFolder, 'b.json'), 'utf8'));
  });

  it('refuses to overwrite what somebody else changed', async () => {
    const first = await store.write('colours', graph, undefined);
    const second = await store.write('colours', { ...graph, description: 'theirs' }, first.revision);
    const mine = store.write('colours', { ...graph, description: 'mine' }, first.revision);
    await expect(mine).rejects.toMatchObject({ code: 'server/conflict', status: 409 });
    await expect(store.write('colours', graph, undefined)).rejects.toMatchObject({ code: 'server/conflict' });
    expect((await store.read('colours')).revision).toBe(second.revision);
  });

  it('saves a changed gallery graph as an own one that hides it', async () => {
    const shipped = await store.read('gallery');
    await store.write('gallery', { ...shipped.graph, name: 'Mine' }, shipped.revision);
    expect((await store.list()).map(({ title, editable }) => ({ title, editable }))).toEqual([
      { title: 'Mine', editable: true },
    ]);
    expect(JSON.parse(await readFile(join(shippedFolder, 'gallery.json'), 'utf8')).name).toBe('Gallery');
  });

  it.each(['../escape', 'a/b', '', '.hidden', 'x'.repeat(80)])('refuses the name %j', async (name) => {
    await expect(store.read(name)).rejects.toMatchObject({ code: 'server/bad-request' });
    await expect(store.write(name, graph, undefined)).rejects.toMatchObject({ code: 'server/bad-request' });
  });

  it('tells what is missing and what is broken apart', async () => {
    await expect(store.read('nowhere')).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(store.read('broken')).rejects.toMatchObject({ code: 'graph/not-json' });
  });
});
