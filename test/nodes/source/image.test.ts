import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import source from '../../../src/nodes/source/image.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { emitNode } from '../call-node.ts';
import { drawnPicture, pictureFile } from '../drawn-picture.ts';

async function emitted(folder: string, given: Record<string, string | number | boolean>) {
  const files = createFileAccess({ bases: [folder], uploadFolder: join(folder, '.uploads') });
  return { items: await emitNode(source, given, {}, { files }), files };
}

/** `key WIDTHxHEIGHT`, or `key!code`. */
async function told(folder: string, given: Record<string, string | number | boolean>): Promise<string[]> {
  const { items } = await emitted(folder, given);
  return items.map((item) =>
    'error' in item
      ? `${item.key}!${item.error.code}`
      : `${item.key} ${item.outputs.image.width}x${item.outputs.image.height}`,
  );
}

/** A PNG whose header announces a size that its data does not have. */
async function withHeader(width: number, height: number): Promise<Uint8Array> {
  const png = Buffer.from(await pictureFile(4, 4));
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('source/image', () => {
  it('gives one picture with its pixels, named by its file', async () => {
    const folder = temporaryFolder({ 'pictures/a.png': await pictureFile(5, 3) });
    const { items } = await emitted(folder, { source: 'pictures/a.png' });
    const [item] = items;
    if (item === undefined || 'error' in item) throw new Error('expected a picture');
    expect(item.key).toBe('a.png');
    const { image } = item.outputs;
    expect({ ...image, data: Uint8Array.from(image.data) }).toEqual(drawnPicture(5, 3, 'a.png'));
  });

  it('gives the pictures of a folder or pattern in natural order', async () => {
    const folder = temporaryFolder({
      'p/10.png': await pictureFile(10, 1),
      'p/9.png': await pictureFile(9, 1),
      'p/q/1.png': await pictureFile(1, 1),
      'p/notes.txt': 'none',
    });
    expect(await told(folder, { source: 'p' })).toEqual(['9.png 9x1', '10.png 10x1']);
    expect(await told(folder, { source: 'p/**/*.png' })).toEqual(['9.png 9x1', '10.png 10x1', 'q/1.png 1x1']);
  });

  it('lets a broken picture fail alone', async () => {
    const good = await pictureFile(40, 40);
    const folder = temporaryFolder({
      '1-empty.png': '',
      '2-cut.png': good.subarray(0, good.length - 40),
      '3-good.png': good,
      '4-text.jpg': 'not a picture at all',
      '5-huge.png': await withHeader(100_000, 100_000),
      '6-renamed.gif': good,
    });
    expect(await told(folder, { source: '.' })).toEqual([
      '1-empty.png!input/bad-image',
      '2-cut.png!input/bad-image',
      '3-good.png 40x40',
      '4-text.jpg!input/bad-image',
      '5-huge.png!input/image-too-large',
      '6-renamed.gif 40x40',
    ]);
  });

  it('refuses pictures of more pixels than allowed', async () => {
    const folder = temporaryFolder({ 'a.png': await pictureFile(10, 10) });
    expect(await told(folder, { source: 'a.png', maxPixels: 99 })).toEqual(['a.png!input/image-too-large']);
    expect(await told(folder, { source: 'a.png', maxPixels: 100 })).toEqual(['a.png 10x10']);
  });

  it('applies the orientation of the camera', async () => {
    const turned = await sharp(Buffer.from(await pictureFile(6, 2)))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(await told(temporaryFolder({ 'a.jpg': turned }), { source: 'a.jpg' })).toEqual(['a.jpg 2x6']);
  });

  it('reads data URLs and uploads', async () => {
    const folder = temporaryFolder();
    const bytes = await pictureFile(7, 2);
    const url = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    expect((await told(folder, { source: url }))[0]).toMatch(/^inline-\w+\.png 7x2$/);
    const { files } = await emitted(folder, { source: url });
    const { ref } = await files.uploads.put(bytes, 'mine.png');
    expect(await told(folder, { source: ref })).toEqual(['mine.png 7x2']);
  });

  it('has a fingerprint of the content, whatever the name', async () => {
    const bytes = await pictureFile(3, 3);
    const folder = temporaryFolder({ 'a.png': bytes, 'b.png': bytes });
    const { items } = await emitted(folder, { source: '.' });
    const [a, b] = items.map((item) => ('error' in item ? '' : item.fingerprint));
    expect(a).toMatch(/^[0-9a-f]{64}$/);
    expect(b).toBe(a);
    writeFileSync(join(folder, 'b.png'), await pictureFile(3, 4));
    const changed = (await emitted(folder, { source: 'b.png' })).items[0];
    expect(changed).not.toMatchObject({ fingerprint: a });
  });

  it('fails as a whole where there is nothing', async () => {
    const folder = temporaryFolder({ 'empty/notes.txt': 'none' });
    expect(await failure(told(folder, { source: 'none.png' }))).toMatchObject({ code: 'input/not-found' });
    expect(await failure(told(folder, { source: 'empty' }))).toMatchObject({ code: 'input/empty' });
    expect(await failure(told(folder, { source: '/etc/hostname' }))).toMatchObject({ code: 'input/outside-roots' });
  });
});
