import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApplication, loadGraph } from '../src/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-package-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the package', () => {
  it('loads a graph and runs it', async () => {
    const path = join(folder, 'texts.json');
    const nodes = { texts: { type: 'source/texts', params: { texts: ['cat', 'dog'], templates: ['a {}'] } } };
    await writeFile(path, JSON.stringify({ weft: 1, name: 'Texts', nodes, outputs: { texts: ['texts', 'text'] } }));
    const application = await createApplication({ bases: [folder], cacheFolder: join(folder, 'cache') });
    try {
      const { status, outputs } = await application.runtime.start(await loadGraph(path)).result;
      expect(status).toBe('finished');
      expect(outputs.texts?.map(({ value }) => value)).toMatchObject([{ text: 'a cat' }, { text: 'a dog' }]);
    } finally {
      await application.close();
    }
  });

  it('tells apart a file that is missing, one that cannot be read, and one that is no graph', async () => {
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{ "weft": 1,');
    await expect(loadGraph(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(loadGraph(folder)).rejects.toMatchObject({ code: 'input/bad-file' });
    await expect(loadGraph(broken)).rejects.toMatchObject({ code: 'graph/not-json' });
  });
});
