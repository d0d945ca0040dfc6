/** Archives as GNU tar and Python's tarfile write them, and what is no archive. */
import { describe, expect, it } from 'vitest';
import { tarEntries } from '../../../src/files/captions/tar-entries.ts';
import { entry } from '../../../tools/zoo/world/shard.ts';

const textsOf = (archive: Uint8Array) =>
  [...tarEntries(archive, 'a.tar')].map(({ name, bytes }) => [name, Buffer.from(bytes).toString('utf8')]);

/** An entry of another type: its sum is made again. */
function typed(type: string, name: string, content: string): Buffer {
  const pieces = entry(name, Buffer.from(content));
  const header = Buffer.from(pieces[0]!);
  header.write(type, 156);
  return summed(header, pieces.slice(1));
}

function summed(header: Buffer, rest: readonly Buffer[]): Buffer {
  header.write('        ', 148);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0`, 148);
  return Buffer.concat([header, ...rest]);
}

const end = Buffer.alloc(1024);

describe('tarEntries', () => {
  it('gives files in order, without folders and links', () => {
    const archive = Buffer.concat([
      typed('5', 'folder/', ''),
      ...entry('folder/a.txt', Buffer.from('first')),
      typed('2', 'link', ''),
      ...entry('b', Buffer.alloc(0)),
      ...entry('c', Buffer.alloc(600, 'x')),
      end,
      ...entry('beyond the end', Buffer.from('no')),
    ]);
    expect(textsOf(archive)).toEqual([
      ['folder/a.txt', 'first'],
      ['b', ''],
      ['c', 'x'.repeat(600)],
    ]);
  });

  it('reads long names of GNU and pax, and prefixes', () => {
    const long = `${'deep/'.repeat(40)}name.png`;
    const record = `path=${long}\n`;
    const length = record.length + String(record.length + 4).length + 1;
    const prefixed = Buffer.from(entry('name.txt', Buffer.from('p'))[0]!);
    prefixed.write('some/folder', 345);
    const archive = Buffer.concat([
      typed('L', '././@LongLink', `${long}\0`),
      ...entry('cut', Buffer.from('gnu')),
      typed('x', 'pax', `30 mtime=1700000000.123456789\n${length} ${record}`),
      ...entry('cut', Buffer.from('pax')),
      summed(prefixed, entry('', Buffer.from('p')).slice(1)),
      end,
    ]);
    expect(textsOf(archive)).toEqual([
      [long, 'gnu'],
      [long, 'pax'],
      ['some/folder/name.txt', 'p'],
    ]);
  });

  it.each([
    ['no archive', Buffer.alloc(600, 'not a tar archive '), 'has another sum'],
    ['a cut file', Buffer.concat(entry('a', Buffer.alloc(2000))).subarray(0, 1500), 'cut off'],
    [
      'a size that is none',
      summed(Buffer.from(entry('a', Buffer.from('x'))[0]!.fill('z', 124, 135)), []),
      'is no number',
    ],
  ])('refuses %s', (_, archive, reason) => {
    expect(() => textsOf(archive)).toThrow(reason);
  });
});
