import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OutputFolder, safeFileName } from '../../src/files/output.ts';
import { failure, temporaryFolder } from './temporary-folder.ts';

describe('output folder', () => {
  it('takes the next free name, even when many write at once', async () => {
    const folder = join(temporaryFolder(), 'new/out');
    const output = new OutputFolder(folder);
    const writes = Array.from({ length: 8 }, (_, index) =>
      output.write({ name: 'cat', extension: '.json', bytes: String(index) }),
    );
    const names = await Promise.all(writes);
    expect(new Set(names).size).toBe(8);
    expect(names).toContain('cat.json');
    expect(names).toContain('cat-8.json');
    expect(readdirSync(folder).sort()).toEqual([...names].sort());
    names.forEach((name, index) => {
      expect(readFileSync(join(folder, name), 'utf8')).toBe(String(index));
    });
  });

  it('replaces a file whose name was chosen, never what a link points to', async () => {
    const folder = temporaryFolder({ 'outside.txt': 'precious' });
    mkdirSync(join(folder, 'out'));
    symlinkSync(join(folder, 'outside.txt'), join(folder, 'out/scores.json'));
    const output = new OutputFolder(join(folder, 'out'));
    const file = { name: 'scores', extension: '.json', bytes: 'new', replace: true } as const;
    expect(await output.write(file)).toBe('scores.json');
    expect(readFileSync(join(folder, 'out/scores.json'), 'utf8')).toBe('new');
    expect(readFileSync(join(folder, 'outside.txt'), 'utf8')).toBe('precious');
  });

  it('leaves nothing behind when it cannot write', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'out'), 'a file');
    const output = new OutputFolder(join(folder, 'out'));
    expect(await failure(output.write({ name: 'a', extension: '.txt', bytes: '' }))).toMatchObject({
      code: 'input/not-writable',
    });
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it.each([
    ['../../etc/passwd', 'etc-passwd'],
    ['a/b\\c.png', 'a-b-c.png'],
    ['.bashrc', 'bashrc'],
    ['', 'result'],
    ['...', 'result'],
    ['con', '_con'],
    ['LPT1.log', '_LPT1.log'],
    ['a\u0000b\n', 'a-b-'],
    ['name. ', 'name'],
    ['two words: ä', 'two words- ä'],
  ])('makes %j safe', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it('keeps names short enough for every file system', () => {
    expect(Buffer.byteLength(safeFileName('ä'.repeat(500)))).toBe(200);
  });
});
