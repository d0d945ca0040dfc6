import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import captions from '../../../src/nodes/source/captions.ts';
import { entry } from '../../../tools/zoo/world/shard.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { emitNode } from '../call-node.ts';

const coco = JSON.stringify({
  images: [{ id: 1, file_name: 'a.png' }],
  annotations: [
    { image_id: 1, caption: 'from COCO' },
    { image_id: 1, caption: 'of lines' },
  ],
});

function emit(source: string, more: Record<string, number> = {}) {
  const shard = Buffer.concat([...entry('1.png', Buffer.from('p')), ...entry('1.txt', Buffer.from('of a shard'))]);
  const folder = temporaryFolder({
    'c/1.txt': 'of lines\n\nanother\n',
    'c/2.json': coco,
    'c/3.tar': shard,
    'c/4.png': 'no caption',
    'c/5.tsv': 'a.png\tof a table\n',
    'none/a.png': '',
    'bad/a.json': '[]',
  });
  const files = createFileAccess({ bases: [folder], uploadFolder: temporaryFolder() });
  return emitNode(captions, { source, ...more }, {}, { files });
}

const texts = async (items: ReturnType<typeof emit>) =>
  (await items).map((item) => ('outputs' in item ? item.outputs.text.text : item.error.code));

describe('source/captions', () => {
  it('reads files of every kind, each caption once', async () => {
    expect(await texts(emit('c'))).toEqual(['of lines', 'another', 'from COCO', 'of a shard', 'of a table']);
    expect(await texts(emit('c', { most: 2 }))).toEqual(['of lines', 'another']);
  });

  it('tells what holds none, and what is broken', async () => {
    expect(await failure(emit('none'))).toMatchObject({ code: 'input/empty' });
    expect(await failure(emit('bad'))).toMatchObject({ code: 'input/bad-file' });
    expect(await failure(emit('../up'))).toMatchObject({ code: 'input/outside-roots' });
  });
});
