import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import regions from '../../../src/nodes/encode/regions.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { npyFloats } from '../../models/regions/npy-bytes.ts';
import { regionLine } from '../../models/regions/region-line.ts';
import { emitNode } from '../call-node.ts';

const floats = (shape: readonly number[], numbers: readonly number[]) => npyFloats(shape, Float32Array.from(numbers));
const FILES = {
  'features/9.npy': floats([2, 3], [1, 2, 3, 4, 5, 6]),
  'features/10.npy': floats([1, 3], [7, 8, 9]),
  'boxes/9.npy': floats([2, 4], [0, 0, 20, 15, 10, 0, 40, 30]),
  'boxes/10.npy': floats([1, 4], [0, 0, 40, 30]),
  'table.tsv': `${regionLine({})}\n${regionLine({ id: 'cat 8', lxmert: true })}\n`,
};

function emitted(given: Record<string, string | number>, more = {}) {
  const folder = temporaryFolder({ ...FILES, ...more });
  const files = createFileAccess({ bases: [folder], uploadFolder: join(folder, '.uploads') });
  return emitNode(regions, given, {}, { files });
}

async function outputs(given: Record<string, string | number>) {
  return (await emitted(given)).map((item) => ('error' in item ? item.error : { key: item.key, ...item.outputs }));
}

const box = (region: number, x: number, y: number, width: number, height: number) => {
  return { x, y, width, height, label: `region ${region}`, score: 1 };
};

describe('encode/regions', () => {
  it('gives features and boxes of a folder of pictures, in natural order', async () => {
    expect(await outputs({ features: 'features', boxes: 'boxes', width: 40, height: 30 })).toEqual([
      {
        key: '9.npy',
        features: { kind: 'Features', data: Float32Array.of(1, 2, 3, 4, 5, 6), seq: 2, dim: 3 },
        boxes: {
          kind: 'Boxes',
          boxes: [box(1, 0, 0, 20, 15), box(2, 10, 0, 30, 30)],
          imageWidth: 40,
          imageHeight: 30,
        },
      },
      {
        key: '10.npy',
        features: { kind: 'Features', data: Float32Array.of(7, 8, 9), seq: 1, dim: 3 },
        boxes: { kind: 'Boxes', boxes: [box(1, 0, 0, 40, 30)], imageWidth: 40, imageHeight: 30 },
      },
    ]);
  });

  it('gives no boxes where there are none', async () => {
    const [item] = await outputs({ features: 'features/9.npy' });
    expect(item).toMatchObject({ boxes: { boxes: [], imageWidth: 1, imageHeight: 1 } });
  });

  it('gives every line of a table, or the one of a picture', async () => {
    const all = await emitted({ features: 'table.tsv' });
    expect(all.map(({ key }) => key)).toEqual(['7', 'cat 8']);
    const [first, second] = all;
    if (first === undefined || second === undefined || 'error' in first || 'error' in second) throw new Error('failed');
    expect(first.fingerprint).not.toBe(second.fingerprint);
    expect(first.outputs).toEqual(second.outputs);
    const [one, ...others] = await outputs({ features: 'table.tsv', image: 'cat 8' });
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      key: 'cat 8',
      boxes: { imageWidth: 40, imageHeight: 30 },
      features: { seq: 2, dim: 3 },
    });
  });

  it('lets one broken file fail alone', async () => {
    const items = await emitted({ features: 'features' }, { 'features/9.npy': Buffer.from('none') });
    expect(items.map((item) => ('error' in item ? item.error.code : item.key))).toEqual(['input/bad-file', '10.npy']);
  });

  it.each<[string, Record<string, string | number>, string, string]>([
    ['an id that no line has', { features: 'table.tsv', image: '9' }, 'input/empty', 'a line that begins with "9"'],
    ['an id for arrays', { features: 'features', image: '9' }, 'run/bad-parameter', '"image"'],
    ['boxes beside a table', { features: 'table.tsv', boxes: 'boxes' }, 'run/bad-parameter', '"boxes"'],
    [
      'too few boxes',
      { features: 'features', boxes: 'boxes/9.npy' },
      'run/bad-parameter',
      'as many files as there are',
    ],
    ['too many boxes', { features: 'features/9.npy', boxes: 'boxes' }, 'run/bad-parameter', '2 files for 1'],
    ['half a size', { features: 'features', width: 3 }, 'run/bad-parameter', '"height"'],
    ['no file', { features: 'nothing.npy' }, 'input/not-found', 'nothing.npy'],
  ])('refuses %s', async (_, given, code, message) => {
    const thrown = await failure(emitted(given));
    expect(thrown).toMatchObject({ code });
    expect(thrown.message).toContain(message);
  });

  it('refuses boxes in pixels without the size of the picture', async () => {
    const [item] = await emitted({ features: 'features/9.npy', boxes: 'boxes/9.npy' });
    expect(item).toMatchObject({ error: { code: 'input/bad-file', details: { path: '9.npy' } } });
  });
});
