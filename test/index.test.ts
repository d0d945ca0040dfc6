import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApplication, createLookup, defineNode, loadGraph, validateGraph } from '../src/index.ts';

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

  it('runs a node type of the user beside the built-in ones', async () => {
    const shout = defineNode({
      type: 'text/shout',
      version: 1,
      title: 'Shout',
      summary: 'Upper case.',
      doc: 'The text in upper case.',
      params: { mark: { kind: 'text', default: '!', doc: 'Put behind the text.' } },
      inputs: { text: { type: { kind: 'Text' }, doc: 'Any text.' } },
      outputs: { text: { type: { kind: 'Text' }, doc: 'The same, louder.' } },
      async run({ params, inputs }) {
        return { text: { kind: 'Text', text: inputs.text.text.toUpperCase() + params.mark } };
      },
    });
    const graph = {
      weft: 1 as const,
      name: 'Shouting',
      nodes: {
        texts: { type: 'source/texts', params: { texts: ['cat'] } },
        shout: { type: 'text/shout', in: { text: ['texts', 'text'] as [string, string] } },
      },
      outputs: { texts: ['shout', 'text'] as [string, string] },
    };
    const application = await createApplication({
      bases: [folder],
      cacheFolder: join(folder, 'cache'),
      nodes: [shout],
    });
    try {
      expect(validateGraph(graph, createLookup(application.nodes))).toEqual([]);
      const { outputs } = await application.runtime.start(graph).result;
      expect(outputs.texts?.map(({ value }) => value)).toMatchObject([{ text: 'CAT!' }]);
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
