/** Pictures with captions, from folders, tables and archives as people have them. */
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import { captionedPictures } from '../../../src/files/captions/captioned-pictures.ts';
import { entry } from '../../../tools/zoo/world/shard.ts';
import { collect, failure, temporaryFolder } from '../temporary-folder.ts';

const signal = new AbortController().signal;

async function pairsOf(files: Record<string, string | Uint8Array>, source: string, captions?: string) {
  const access = createFileAccess({ bases: [temporaryFolder(files)], uploadFolder: temporaryFolder() });
  const items = await collect(captionedPictures(access, { source, captions, signal }));
  return items.map((item) => {
    if ('error' in item) return `${item.key}: ${item.error.code}`;
    return [item.key, ...item.captions.map(({ id, text }) => `${id} = ${text}`)].join(' | ');
  });
}

const picture = 'the bytes do not matter here';

describe('captioned pictures', () => {
  it('come from a folder with texts beside them, a caption on each line', async () => {
    const files = {
      'p/10.png': picture,
      'p/10.txt': 'ten',
      'p/2.jpg': picture,
      'p/2.txt': ' a two \r\n\r\nanother two\n',
      'p/alone.png': picture,
      'p/notes.txt': 'about nothing',
      'p/empty.png': picture,
      'p/empty.txt': '\n',
    };
    expect(await pairsOf(files, 'p')).toEqual([
      '2.jpg | 2.jpg = a two | 2.jpg#2 = another two',
      '10.png | 10.png = ten',
    ]);
    expect(await pairsOf(files, '**/1*')).toEqual(['p/10.png | p/10.png = ten']);
  });

  it("come with COCO's captions", async () => {
    const coco = {
      images: [
        { id: 7, file_name: 'a.png' },
        { id: 8, file_name: 'b.png' },
      ],
      annotations: [
        { id: 70, image_id: 7, caption: 'first' },
        { id: 80, image_id: 8, caption: 'of b' },
        { id: 71, image_id: 7, caption: 'second' },
      ],
    };
    const files = { 'p/a.png': picture, 'p/in/b.png': picture, 'p/c.png': picture, 'c.json': JSON.stringify(coco) };
    expect(await pairsOf(files, 'p/**/*.png', 'c.json')).toEqual([
      'a.png | a.png#70 = first | a.png#71 = second',
      'in/b.png | b.png#80 = of b',
    ]);
    coco.annotations[0]!.image_id = 9;
    const broken = { ...files, 'c.json': JSON.stringify(coco) };
    expect(await failure(pairsOf(broken, 'p', 'c.json'))).toMatchObject({ code: 'input/bad-file' });
  });

  it('come with lines of name, tab and caption', async () => {
    const files = { 'a.png': picture, 'b.png': picture, 'c.tsv': 'b.png\tof b\na.png\tof a\n\na.png\tagain\n' };
    expect(await pairsOf(files, '*.png', 'c.tsv')).toEqual([
      'a.png | a.png#1 = of a | a.png#2 = again',
      'b.png | b.png#1 = of b',
    ]);
    const error = await failure(pairsOf({ ...files, 'c.tsv': 'no tab' }, '*.png', 'c.tsv'));
    expect(error).toMatchObject({ code: 'input/bad-file' });
    expect(error.message).toContain('line 1');
  });

  it('come from shards, beside what is broken', async () => {
    const shard = Buffer.concat([
      ...entry('x/001.png', Buffer.from(picture)),
      ...entry('x/001.json', Buffer.from('{"caption":"one"}')),
      ...entry('x/002.webp', Buffer.from(picture)),
      ...entry('x/002.txt', Buffer.from('two\n')),
      ...entry('x/003.png', Buffer.from(picture)),
      ...entry('x/003.json', Buffer.from('{"caption":')),
      ...entry('x/004.png', Buffer.from(picture)),
      ...entry('x/005.txt', Buffer.from('nothing to see')),
      Buffer.alloc(1024),
    ]);
    const files = { 's/a.tar': shard, 's/b.tar': shard.subarray(0, 520) };
    expect(await pairsOf(files, 's/{a,b}.tar')).toEqual([
      'a.tar/x/001.png | a.tar/x/001.png = one',
      'a.tar/x/002.webp | a.tar/x/002.webp = two',
      'a.tar/x/003.png: input/bad-file',
      'b.tar: input/bad-file',
    ]);
  });

  it('are missed where there are none', async () => {
    expect(await failure(pairsOf({ 'p/a.png': picture }, 'p'))).toMatchObject({ code: 'input/empty' });
    expect(await failure(pairsOf({}, '../outside'))).toMatchObject({ code: 'input/outside-roots' });
  });

  it('are told apart by picture and archive', async () => {
    const shardOf = (text: string) =>
      Buffer.concat([...entry('1.png', Buffer.from(text)), ...entry('1.txt', Buffer.from('one'))]);
    const hashOf = async (content: string) => {
      const files = temporaryFolder({ 'a.tar': shardOf(content) });
      const access = createFileAccess({ bases: [files], uploadFolder: temporaryFolder() });
      const [item] = await collect(captionedPictures(access, { source: 'a.tar', signal }));
      return 'error' in item! ? undefined : item!.hash;
    };
    expect(await hashOf('red')).toBe(await hashOf('red'));
    expect(await hashOf('red')).not.toBe(await hashOf('blue'));
  });
});
