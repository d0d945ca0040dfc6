import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isDevicePath, printablePath, Roots } from '../../src/files/roots.ts';
import { failure, temporaryFolder } from './temporary-folder.ts';

function tree() {
  const top = temporaryFolder({
    'inside/cat.png': 'x',
    'inside/deep/dog.png': 'x',
    'second/owl.png': 'x',
    'secret/key.png': 'x',
    'inside-not/key.png': 'x',
  });
  return { top, inside: join(top, 'inside'), second: join(top, 'second'), secret: join(top, 'secret') };
}

describe('roots', () => {
  it('finds relative paths in the bases, in order, and absolute ones inside any root', async () => {
    const { inside, second } = tree();
    const roots = new Roots([inside], [second]);
    expect(await roots.locate('cat.png')).toBe(join(inside, 'cat.png'));
    expect(await roots.locate('deep/../deep/dog.png')).toBe(join(inside, 'deep/dog.png'));
    expect(await roots.locate('.')).toBe(inside);
    expect(await roots.locate(join(second, 'owl.png'))).toBe(join(second, 'owl.png'));
    expect((await failure(roots.locate('owl.png'))).code).toBe('input/not-found');
    expect(await new Roots([inside, second], []).locate('owl.png')).toBe(join(second, 'owl.png'));
  });

  it.each([
    '../secret/key.png',
    '../secret/none.png',
    '../inside-not/key.png',
    '/etc/passwd',
    '/no/such/folder',
    '..',
    'cat.png\0.txt',
  ])('refuses %j alike, whether or not it exists', async (path) => {
    const { inside } = tree();
    expect((await failure(new Roots([inside], []).locate(path))).code).toBe('input/outside-roots');
  });

  it('follows links that stay inside and refuses those that lead out, even to nothing', async () => {
    const { inside, second, secret } = tree();
    symlinkSync(join(inside, 'deep'), join(inside, 'same'));
    symlinkSync('../second/owl.png', join(inside, 'owl.png'));
    symlinkSync(join(secret, 'key.png'), join(inside, 'key.png'));
    symlinkSync(join(secret, 'none.png'), join(inside, 'none.png'));
    symlinkSync('../secret', join(inside, 'folder'));
    symlinkSync('loop', join(inside, 'loop'));
    const roots = new Roots([inside], [second]);
    expect(await roots.locate('same/dog.png')).toBe(join(inside, 'deep/dog.png'));
    expect(await roots.locate('owl.png')).toBe(join(second, 'owl.png'));
    expect((await failure(roots.locate('key.png'))).code).toBe('input/outside-roots');
    expect((await failure(roots.locate('none.png'))).code).toBe('input/outside-roots');
    expect((await failure(roots.locate('folder/key.png'))).code).toBe('input/outside-roots');
    expect((await failure(roots.locate('loop'))).code).toBe('input/not-found');
    expect((await failure(roots.locate('cat.png/below'))).code).toBe('input/not-found');
  });

  it('accepts a root that is itself a link', async () => {
    const { top, inside } = tree();
    symlinkSync(inside, join(top, 'alias'));
    const roots = new Roots([join(top, 'alias')], []);
    expect(await roots.locate('cat.png')).toBe(join(inside, 'cat.png'));
    expect(await roots.locate(join(top, 'alias/deep/dog.png'))).toBe(join(inside, 'deep/dog.png'));
  });

  it('allows a root that is not there and finds nothing in it', async () => {
    const { top } = tree();
    const roots = new Roots([join(top, 'later')], []);
    expect((await failure(roots.locate('a.png'))).code).toBe('input/not-found');
    mkdirSync(join(top, 'later'));
    expect(await roots.locate('.')).toBe(join(top, 'later'));
  });

  it('knows the device names of Windows', () => {
    for (const path of ['NUL', 'C:\\a\\con.png', 'com1', '\\\\.\\PhysicalDrive0', '//?/C:/x', 'aux ', 'lpt9.txt']) {
      expect(isDevicePath(path, 'win32')).toBe(true);
      expect(isDevicePath(path, 'linux')).toBe(false);
    }
    for (const path of ['console.png', 'C:\\nullable', 'com10.png', 'a.con']) {
      expect(isDevicePath(path, 'win32')).toBe(false);
    }
  });

  it('shows paths without control characters and not endlessly', () => {
    expect(printablePath('a\u001b[31m\n')).toBe('a?[31m?');
    expect(printablePath('x'.repeat(1000))).toHaveLength(201);
  });
});
