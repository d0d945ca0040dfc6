import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import { createAnchorShelf } from '../../../src/models/free/anchor-shelf.ts';
import asifBuild from '../../../src/nodes/free/asif-build.ts';
import type { Services } from '../../../src/nodes/services.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { contextWith, runNode } from '../call-node.ts';
import { pictureFile } from '../drawn-picture.ts';

/** Two encoders that never saw each other: one measures pictures, one spells texts. */
function servicesFor(folder: string, texts: string[] = [], textSpace = 'read#1'): Partial<Services> {
  const tasks = {
    'image-feature-extraction': async ({ images }: { images: readonly { width: number; height: number }[] }) =>
      images.map(({ width, height }) => Float32Array.of(width, height, 1)),
    'text-feature-extraction': async ({ texts: given }: { texts: readonly string[] }) => {
      texts.push(...given);
      return given.map((text) => Float32Array.of(text.length, text.charCodeAt(0)));
    },
  };
  return {
    files: createFileAccess({ bases: [folder], uploadFolder: join(folder, 'uploads') }),
    anchors: createAnchorShelf(join(folder, 'cache')),
    models: { info: async (ref: string) => ({ hash: ref }) } as unknown as Services['models'],
    family: async (ref) => {
      const space = ref === 'seer' ? 'seen#1' : textSpace;
      return { ref, space, family: 'trial', architecture: 'Trial', tasks };
    },
  };
}

const models = { imageModel: 'seer', textModel: 'reader' };

async function drawnFolder() {
  return temporaryFolder({
    'p/a.png': await pictureFile(8, 4),
    'p/a.txt': 'wide\nlow',
    'p/b.png': await pictureFile(4, 8),
    'p/b.txt': 'tall',
    'p/c.png': 'no picture',
    'p/c.txt': 'broken',
  });
}

const counts = (table: { rows: readonly (readonly unknown[])[] }) =>
  Object.fromEntries(table.rows.map(([what, count]) => [what, count]));

describe('free/asif-build', () => {
  it('encodes every pair, keeps small pictures, and tells what it skipped', async () => {
    const services = servicesFor(await drawnFolder());
    const { anchors, table } = await runNode(asifBuild, { ...models, pictures: 'p' }, {}, services);
    expect(counts(table)).toEqual({ anchors: 3, added: 3, unchanged: 0, removed: 0, skipped: 1 });
    expect(table.rows.at(-1)?.[2]).toContain('c.png');
    const index = await services.anchors!.open(anchors.ref);
    expect(index.spaces).toMatchObject({ image: { space: 'seen#1', width: 3 }, text: { space: 'read#1', width: 2 } });
    const entries = await index.entries([0, 1, 2]);
    expect(entries.map(({ id, caption, picture }) => [id, caption, picture])).toEqual([
      ['a.png', 'wide', 'a.png'],
      ['a.png#2', 'low', 'a.png'],
      ['b.png', 'tall', 'b.png'],
    ]);
    const [thumbnail] = await index.thumbnails([2]);
    expect([...thumbnail!.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  });

  it('extends a named collection, encodes only what is new, and removes', async () => {
    const folder = await drawnFolder();
    const seen: string[] = [];
    const services = servicesFor(folder, seen);
    const build = async (more: Record<string, string | string[]>) =>
      counts((await runNode(asifBuild, { ...models, collection: 'mine', ...more }, {}, services)).table);
    await build({ pictures: 'p/a.*' });
    expect(await build({ pictures: 'p/*' })).toMatchObject({ anchors: 3, added: 1, unchanged: 2 });
    expect(seen).toEqual(['wide', 'low', 'tall']);
    expect(await build({ pictures: 'p/*', remove: ['a.*'] })).toMatchObject({ anchors: 1, added: 0, removed: 2 });
    expect(await build({ pictures: 'p/*', remove: ['a.*'] })).toMatchObject({ anchors: 1, unchanged: 1, removed: 0 });
    expect((await (await services.anchors!.open('mine')).entries([0])).map(({ id }) => id)).toEqual(['b.png']);
  });

  it('is another one when pictures, models or the collection are', async () => {
    const folder = await drawnFolder();
    const services = servicesFor(folder);
    const context = contextWith(services);
    const params = {
      ...models,
      pictures: 'p',
      captions: undefined,
      remove: [],
      thumbnail: 64,
      precision: 'fp32',
    } as const;
    const printOf = (more: object = {}) => asifBuild.fingerprint!({ ...params, collection: 'mine', ...more }, context);
    const before = await printOf();
    expect(await printOf()).toBe(before);
    expect(await printOf({ textModel: 'other' })).not.toBe(before);
    expect(await printOf({ pictures: 'p/a.*' })).not.toBe(before);
    await runNode(asifBuild, { ...models, pictures: 'p', collection: 'mine' }, {}, services);
    expect(await printOf()).not.toBe(before);
  });

  it('refuses models of other spaces, names that are none, and nothing', async () => {
    const folder = await drawnFolder();
    const given = { ...models, pictures: 'p', collection: 'mine' };
    await runNode(asifBuild, given, {}, servicesFor(folder));
    const other = servicesFor(folder, [], 'read#2');
    const extended = await failure(runNode(asifBuild, { ...given, pictures: 'p/*', remove: ['b.png'] }, {}, other));
    expect(extended).toMatchObject({ code: 'run/bad-parameter' });
    expect(extended.message).toContain('space "read#1" [2]');
    const named = await failure(runNode(asifBuild, { ...given, collection: '../up' }, {}, other));
    expect(named).toMatchObject({ code: 'run/bad-parameter' });
    const empty = temporaryFolder({ 'p/a.png': await pictureFile(2, 2) });
    expect(await failure(runNode(asifBuild, given, {}, servicesFor(empty)))).toMatchObject({ code: 'input/empty' });
    const broken = temporaryFolder({ 'p/a.png': 'no picture', 'p/a.txt': 'text' });
    expect(await failure(runNode(asifBuild, given, {}, servicesFor(broken)))).toMatchObject({
      code: 'input/bad-image',
    });
  });
});
