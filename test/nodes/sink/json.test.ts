import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import saveJson from '../../../src/nodes/sink/json.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { drawnPicture } from '../drawn-picture.ts';
import { embedding } from '../embedding.ts';

const values = [
  { kind: 'Scores', entries: [{ label: 'cat', score: 0.5 }], normalized: true, subject: 'a.png' },
  drawnPicture(4, 2, 'a.png'),
  embedding([1, 2, 3], 'x'),
] as const;

function filesIn(folder: string, outputFolder: string | undefined) {
  return createFileAccess({
    bases: [folder],
    uploadFolder: join(folder, '.uploads'),
    ...(outputFolder === undefined ? {} : { outputFolder }),
  });
}

describe('sink/json', () => {
  it('gives the list as JSON: no pixels, and long arrays as their size', async () => {
    const folder = temporaryFolder();
    const { json } = await runNode(saveJson, { maxNumbers: 2 }, { values }, { files: filesIn(folder, undefined) });
    expect(JSON.parse(json.text)).toEqual([
      values[0],
      { kind: 'Image', width: 4, height: 2, name: 'a.png' },
      { kind: 'Embedding', space: 'trial', dim: 3, label: 'x' },
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes the file into the output folder; only a chosen name is replaced', async () => {
    const folder = temporaryFolder();
    const files = filesIn(folder, join(folder, 'out'));
    const { json } = await runNode(saveJson, {}, { values: values.slice(0, 1) }, { files });
    await runNode(saveJson, {}, { values: [] }, { files });
    await runNode(saveJson, { file: '../mine' }, { values: [] }, { files });
    await runNode(saveJson, { file: '../mine' }, { values: values.slice(2) }, { files });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['mine.json', 'results-2.json', 'results.json']);
    expect(readFileSync(join(folder, 'out/results.json'), 'utf8')).toBe(json.text);
    expect(readFileSync(join(folder, 'out/mine.json'), 'utf8')).toContain('"Embedding"');
  });
});
