import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../src/files/access.ts';
import { collect, failure, temporaryFolder } from './temporary-folder.ts';

function png(size: number, fill = 0): Uint8Array {
  const bytes = new Uint8Array(size).fill(fill);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return bytes;
}

function accessWith(limits = {}) {
  const folder = temporaryFolder();
  const uploadFolder = join(folder, 'kept');
  return { access: createFileAccess({ bases: [folder], uploadFolder, limits }), uploadFolder };
}

describe('uploads', () => {
  it('keeps a picture by content and gives it back under the name it came with', async () => {
    const { access } = accessWith();
    const { ref } = await access.uploads.put(png(32), 'C:\\me\\cat.png');
    expect(ref).toMatch(/^upload:[0-9a-f]{64}\.png$/);
    expect(await access.uploads.put(png(32), 'cat.png')).toEqual({ ref });
    const [item] = await collect(access.sources(ref, { accept: 'image' }));
    expect(item).toMatchObject({ key: 'cat.png', hash: ref.slice(7, 71) });
    if (item === undefined || 'error' in item) throw new Error('expected a file');
    expect(await item.read()).toEqual(png(32));
  });

  it('reads the type from the bytes, not from the name', async () => {
    const { access } = accessWith();
    const { ref } = await access.uploads.put(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), 'cat.png');
    expect(ref).toMatch(/\.jpg$/);
    const html = new TextEncoder().encode('<html>');
    expect(await failure(access.uploads.put(html, 'cat.png'))).toMatchObject({ code: 'input/bad-image' });
    expect(await failure(access.uploads.put(new Uint8Array(), 'cat.png'))).toMatchObject({ code: 'input/bad-image' });
  });

  it('limits one upload and makes room for new ones', async () => {
    const { access, uploadFolder } = accessWith({ maxUploadBytes: 100, maxUploadTotalBytes: 250 });
    expect(await failure(access.uploads.put(png(101), 'a.png'))).toMatchObject({ code: 'input/too-large' });
    const first = await access.uploads.put(png(100, 1), 'a.png');
    const second = await access.uploads.put(png(100, 2), 'b.png');
    utimesSync(join(uploadFolder, second.ref.slice(7)), 1, 1);
    await access.uploads.put(png(100, 3), 'c.png');
    expect(await access.uploads.find(first.ref)).toMatchObject({ name: 'a.png' });
    expect(await failure(access.uploads.find(second.ref))).toMatchObject({ code: 'input/not-found' });
    expect(readdirSync(uploadFolder)).toHaveLength(4);
  });

  it.each(['upload:../../etc/passwd', 'upload:', `upload:${'0'.repeat(64)}.png`, `upload:${'0'.repeat(64)}.exe`])(
    'finds nothing at %s',
    async (ref) => {
      expect(await failure(accessWith().access.uploads.find(ref))).toMatchObject({ code: 'input/not-found' });
    },
  );
});
