import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/image/decode.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'real', 'images');
const listed = join(import.meta.dirname, '..', 'fixtures', 'images', 'real-pictures.json');
const digests = JSON.parse(await readFile(listed, 'utf8')) as Record<string, { sha256: string; width: number }>;
const isHere = existsSync(folder);
if (!isHere) console.warn(`skipped: real pictures are compared with Pillow's digests only where ${folder} exists`);

describe.skipIf(!isHere)('real pictures decode to the bytes that Pillow gives', () => {
  it.each(Object.entries(digests))('%s', async (name, { sha256, ...size }) => {
    const image = await decodeImage(await readFile(join(folder, name)), { name });
    expect(image).toMatchObject(size);
    expect(createHash('sha256').update(image.data).digest('hex')).toBe(sha256);
  });
});
