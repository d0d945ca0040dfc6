import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess, type FileAccess } from '../../src/files/access.ts';
import { collect, failure, temporaryFolder } from './temporary-folder.ts';

function accessTo(folder: string, limits = {}): FileAccess {
  return createFileAccess({ bases: [folder], uploadFolder: join(folder, '.uploads'), limits });
}

/** Keys in order; a broken item as `key!code`. */
async function keys(access: FileAccess, source: string, accept: 'image' | 'file' = 'image'): Promise<string[]> {
  const found: string[] = [];
  for await (const item of access.sources(source, { accept })) {
    found.push('error' in item ? `${item.key}!${item.error.code}` : item.key);
  }
  return found;
}

const PICTURES = {
  'photos/10.png': 'ten',
  'photos/2.png': 'two',
  'photos/1.JPG': 'one',
  'photos/notes.txt': 'no picture',
  'photos/.hidden.png': 'hidden',
  'photos/more/3.webp': 'three',
  'photos/more/deep/4.png': 'four',
  'odd[1].png': 'brackets',
};

describe('sources', () => {
  it('gives one file with its hash and bytes', async () => {
    const access = accessTo(temporaryFolder(PICTURES));
    const [item] = await collect(access.sources('photos/2.png', { accept: 'image' }));
    if (item === undefined || 'error' in item) throw new Error('expected a file');
    expect(item.key).toBe('2.png');
    expect(item.hash).toBe('3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3');
    expect(new TextDecoder().decode(await item.read())).toBe('two');
  });

  it('gives the pictures of a folder in natural order, or all its files', async () => {
    const access = accessTo(temporaryFolder(PICTURES));
    expect(await keys(access, 'photos')).toEqual(['1.JPG', '2.png', '10.png']);
    expect(await keys(access, 'photos/')).toEqual(['1.JPG', '2.png', '10.png']);
    expect(await keys(access, 'photos', 'file')).toEqual(['1.JPG', '2.png', '10.png', 'notes.txt']);
  });

  it('expands patterns', async () => {
    const folder = temporaryFolder(PICTURES);
    const access = accessTo(folder);
    expect(await keys(access, 'photos/*.png')).toEqual(['2.png', '10.png']);
    expect(await keys(access, 'photos/*')).toEqual(['1.JPG', '2.png', '10.png']);
    expect(await keys(access, 'photos/**/*.{png,webp}')).toEqual(['2.png', '10.png', 'more/3.webp', 'more/deep/4.png']);
    expect(await keys(access, `${folder}/photos/*/?.webp`)).toEqual(['more/3.webp']);
    expect(await keys(access, 'odd[1].png')).toEqual(['odd[1].png']);
  });

  it('is lazy: nothing is read before it is asked for', async () => {
    const folder = temporaryFolder({ 'a.png': 'a', 'b.png': 'b' });
    const items = accessTo(folder).sources('.', { accept: 'image' })[Symbol.asyncIterator]();
    expect((await items.next()).value).toMatchObject({ key: 'a.png' });
    writeFileSync(join(folder, 'b.png'), 'changed');
    const second = (await items.next()).value;
    expect(new TextDecoder().decode(await second.read())).toBe('changed');
  });

  it('refuses a file that changed between hash and reading', async () => {
    const folder = temporaryFolder({ 'a.png': 'before' });
    const [item] = await collect(accessTo(folder).sources('a.png', { accept: 'image' }));
    if (item === undefined || 'error' in item) throw new Error('expected a file');
    writeFileSync(join(folder, 'a.png'), 'afterwards');
    expect(await failure(item.read())).toMatchObject({ code: 'input/bad-file' });
  });

  it('fails a link that leads out of the roots alone', async () => {
    const secret = temporaryFolder({ 'key.png': 'secret' });
    const folder = temporaryFolder({ 'a.png': 'a', 'c.png': 'c' });
    symlinkSync(join(secret, 'key.png'), join(folder, 'b.png'));
    symlinkSync(secret, join(folder, 'd.png'));
    const found = ['a.png', 'b.png!input/outside-roots', 'c.png', 'd.png!input/outside-roots'];
    expect(await keys(accessTo(folder), '*.png')).toEqual(found);
  });

  it('tells nothing, empty and too large apart', async () => {
    const folder = temporaryFolder({ 'a.txt': 'a', 'big.png': 'x'.repeat(100) });
    const access = accessTo(folder, { maxFileBytes: 10 });
    expect(await failure(keys(access, 'none.png'))).toMatchObject({ code: 'input/not-found' });
    expect(await failure(keys(access, 'none/*.png'))).toMatchObject({ code: 'input/not-found' });
    expect(await failure(keys(access, '*.gif'))).toMatchObject({ code: 'input/empty' });
    expect(await failure(keys(access, '../*.png'))).toMatchObject({ code: 'input/outside-roots' });
    expect(await failure(keys(access, `${'{a,'.repeat(600)}`))).toMatchObject({ code: 'input/too-large' });
    expect(await keys(access, 'big.png')).toEqual(['big.png!input/too-large']);
  });

  it('stops when it is told to', async () => {
    const access = accessTo(temporaryFolder(PICTURES));
    const items = access.sources('photos', { accept: 'image', signal: AbortSignal.abort() });
    expect(await failure(collect(items))).toMatchObject({ code: 'run/cancelled' });
  });

  it('reads data URLs', async () => {
    const access = accessTo(temporaryFolder(), { maxDataUrlBytes: 100 });
    const url = `data:image/png;base64,${Buffer.from('picture').toString('base64')}`;
    const [item] = await collect(access.sources(url, { accept: 'image' }));
    if (item === undefined || 'error' in item) throw new Error('expected a file');
    expect(item.key).toMatch(/^inline-[0-9a-f]{8}\.png$/);
    expect(new TextDecoder().decode(await item.read())).toBe('picture');
    for (const bad of ['data:image/png,plain', 'data:;base64,', 'data:image/png;base64,%%%', 'data:']) {
      expect(await failure(keys(access, bad))).toMatchObject({ code: 'input/bad-data-url' });
    }
    const long = `data:image/png;base64,${'A'.repeat(400)}`;
    expect(await failure(keys(access, long))).toMatchObject({ code: 'input/too-large' });
  });
});
