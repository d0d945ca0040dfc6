import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { measureFolder } from '../../src/system/folder-size.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the size of a folder', () => {
  it('counts every file once and follows no link', async () => {
    mkdirSync(join(folder, 'blobs', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'blobs', 'one'), new Uint8Array(1000));
    writeFileSync(join(folder, 'blobs', 'deep', 'two'), new Uint8Array(24));
    symlinkSync(join(folder, 'blobs', 'one'), join(folder, 'link'));
    symlinkSync(folder, join(folder, 'blobs', 'circle'));
    expect(await measureFolder('models', folder)).toEqual({
      name: 'models',
      folder,
      exists: true,
      files: 2,
      bytes: 1024,
      complete: true,
    });
  });

  it('is nothing for a folder that is not there', async () => {
    const report = await measureFolder('weft', join(folder, 'absent'));
    expect(report).toMatchObject({ exists: false, files: 0, bytes: 0, complete: true });
  });

  it('says when it had no time', async () => {
    expect(await measureFolder('weft', folder, 0)).toMatchObject({ exists: true, complete: false });
  });
});
