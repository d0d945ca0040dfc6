import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../src/errors.ts';
import { startWeft, weft } from '../captured-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const cwd = folder.path;

folder.write('scores.json', {
  weft: 1,
  name: 'scores',
  inputs: { words: { node: 'words', param: 'words' }, labels: { node: 'head', param: 'labels' } },
  outputs: { scores: ['head', 'scores'], words: ['words', 'word'] },
  nodes: {
    words: { type: 'source/words' },
    head: { type: 'head/score', in: { word: ['words', 'word'] } },
    file: { type: 'sink/words', in: { words: ['words', 'word'] } },
  },
});
folder.write('sleep.json', {
  weft: 1,
  name: 'sleep',
  inputs: { milliseconds: { node: 'sleep', param: 'milliseconds' } },
  outputs: { word: ['sleep', 'word'] },
  nodes: { sleep: { type: 'free/sleep' } },
});
folder.write('defect.json', {
  weft: 1,
  name: 'defect',
  outputs: { word: ['defect', 'word'] },
  nodes: { defect: { type: 'free/defect' } },
});
folder.write('nowhere.json', {
  weft: 1,
  name: 'nowhere',
  outputs: { scores: ['head', 'scores'] },
  nodes: {
    words: { type: 'source/nowhere' },
    head: { type: 'head/score', in: { word: ['words', 'word'] } },
    file: { type: 'sink/words', in: { words: ['words', 'word'] } },
  },
});
folder.write('invalid.json', {
  weft: 1,
  name: 'invalid',
  outputs: { scores: ['head', 'score'] },
  nodes: { head: { type: 'head/score' }, other: { type: 'head/scores' } },
});
folder.write('broken.json', '{ "weft": 1, ');

describe('weft run', () => {
  it('draws each output under its name, items under their keys, and names the files written', async () => {
    const { code, out, err } = await weft(['run', 'scores.json', '--out', 'results'], { cwd });
    expect(err).toBe('');
    expect(code).toBe(EXIT.ok);
    expect(out).toMatchInlineSnapshot(`
      "scores
        red
          a cat              ████████████████████████████████████████            80.0 %
          a dog              ████████                                            16.0 %
          a very small bird  ██▍                                                  4.7 %

        green
          a cat              ████████████████████████████████████████            80.0 %
          a dog              ████████                                            16.0 %
          a very small bird  ██▍                                                  4.7 %

      words
        red    red
        green  green
      wrote results/words.txt
      "
    `);
  });

  it('sets inputs: a list by commas, by repetition, and values that hold an equals sign', async () => {
    const { out } = await weft(
      ['run', 'scores.json', '--set', 'words=a=b,c', '--set', 'labels=one, two', '--set', 'labels=three', '--json'],
      { cwd },
    );
    const { outputs } = JSON.parse(out);
    expect(outputs.words.map((one: { item: { key: string } }) => one.item.key)).toEqual(['a=b', 'c']);
    expect(outputs.scores[0].value.entries.map((one: { label: string }) => one.label)).toEqual(['one, two', 'three']);
  });

  it('makes only the outputs that are asked for', async () => {
    const { out, code } = await weft(['run', 'scores.json', '--output', 'words', '--json'], { cwd });
    expect(code).toBe(EXIT.ok);
    expect(Object.keys(JSON.parse(out).outputs)).toEqual(['words']);
  });

  it('prints one JSON document and nothing else with --json, wherever the option stands', async () => {
    for (const argv of [
      ['run', 'scores.json', '--json'],
      ['run', '--json', 'scores.json'],
    ]) {
      const { out, err, code } = await weft(argv, { cwd });
      expect([code, err]).toEqual([EXIT.ok, '']);
      expect(JSON.parse(out)).toMatchObject({
        graph: 'scores',
        outputs: { words: [{ item: { index: 0, key: 'red' }, value: { kind: 'Text', text: 'red' } }, {}] },
        failures: [],
        run: { status: 'finished', id: expect.any(String), milliseconds: expect.any(Number) },
      });
    }
  });

  it('writes the document into a file, and then still draws', async () => {
    const { out, code } = await weft(['run', 'scores.json', '--json', 'made/result.json'], { cwd });
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('a very small bird');
    expect(JSON.parse(readFileSync(join(cwd, 'made/result.json'), 'utf8')).graph).toBe('scores');
  });

  it('shows the other items when one fails, and says so by its exit code', async () => {
    const argv = ['run', 'scores.json', '--output', 'words', '--set', 'words=red,broken,blue'];
    const { out, err, code } = await weft(argv, { cwd });
    expect(code).toBe(EXIT.partial);
    expect(out).toMatch(/red +red\n +blue +blue/);
    expect(err).toContain('1 item failed');
    expect(err).toContain('input/bad-image  words  broken');
    const json = await weft([...argv, '--json'], { cwd });
    expect(json.code).toBe(EXIT.partial);
    expect(JSON.parse(json.out).failures).toMatchObject([
      { node: 'words', item: { index: 1, key: 'broken' }, error: { code: 'input/bad-image' } },
    ]);
  });

  it('ends with the code of the error when nothing could be made', async () => {
    const { out, err, code } = await weft(['run', 'defect.json'], { cwd });
    expect(code).toBe(EXIT.partial);
    expect(out).not.toContain('word  ');
    expect(err).toContain('run/node-failed');
    const one = await weft(['run', 'scores.json', '--set', 'words=broken'], { cwd });
    expect(one.code).toBe(EXIT.input);
    // The sink wrote an empty list, which is no result.
    const nowhere = await weft(['run', 'nowhere.json'], { cwd });
    expect(nowhere.code).toBe(EXIT.input);
    expect(nowhere.err).toContain('input/not-found');
  });

  it('tells an error once when it is also the failure of an item', async () => {
    const { err } = await weft(['run', 'scores.json', '--set', 'words=broken'], { cwd });
    expect(err).toMatch(/^error input\/bad-image {2}words {2}broken\n/);
    expect(err.match(/input\/bad-image/g)).toHaveLength(1);
    const two = await weft(['run', 'scores.json', '--set', 'words=broken,broken'], { cwd });
    expect(two.err).toMatch(/^2 items failed\n/);
    expect(two.err.match(/input\/bad-image/g)).toHaveLength(2);
  });

  it('tells every error of an invalid graph, with node, socket and remedy, and runs nothing', async () => {
    const { out, err, code } = await weft(['run', 'invalid.json'], { cwd });
    expect(code).toBe(EXIT.graph);
    expect(out).toBe('');
    expect(err).toMatchInlineSnapshot(`
      "error graph/invalid
        The graph has 3 error(s); nothing was run.
        → Fix each error listed below; \`weft validate FILE\` checks again.

        1. graph/unknown-type  other
           Expected a known node type for "other", received "head/scores". Did you mean "head/score"?
           → \`weft nodes\` lists every type.

        2. graph/unknown-output  head
           Expected an output of node "head" (head/score) at the graph output "scores", received "score". Did you mean "scores"?
           → Its outputs: scores.

        3. graph/missing-input  head.word
           Expected a link into "head.word" (Text), received none.
           → Wire an output of that type into it.
      "
    `);
    const json = await weft(['run', 'invalid.json', '--json'], { cwd });
    expect(json.code).toBe(EXIT.graph);
    expect(JSON.parse(json.out)).toMatchObject({
      outputs: {},
      error: {
        code: 'graph/invalid',
        errors: expect.arrayContaining([expect.objectContaining({ code: 'graph/unknown-type' })]),
      },
    });
  });

  it.each([
    ['a graph that is not there', ['missing.json'], EXIT.input, 'input/not-found'],
    ['a folder', ['.'], EXIT.input, 'input/bad-file'],
    ['no JSON', ['broken.json'], EXIT.graph, 'graph/not-json'],
    ['an unknown graph of the gallery', ['nothing'], EXIT.input, 'input/not-found'],
    ['an unknown input', ['scores.json', '--set', 'wodrs=a'], EXIT.usage, 'graph/unknown-graph-input'],
    ['an unknown output', ['scores.json', '--output', 'scorse'], EXIT.usage, 'graph/unknown-graph-output'],
    ['a value that does not fit', ['sleep.json', '--set', 'milliseconds=soon'], EXIT.graph, 'graph/bad-parameter'],
    ['a set without a value', ['scores.json', '--set', 'words'], EXIT.usage, 'usage/bad-argument'],
    ['a set without a name', ['scores.json', '--set', '=a'], EXIT.usage, 'usage/bad-argument'],
    ['a file that cannot be written', ['scores.json', '--record', 'scores.json/x'], EXIT.input, 'input/not-writable'],
  ])('tells %s', async (_, argv, code, error) => {
    const plain = await weft(['run', ...argv], { cwd });
    expect(plain.code).toBe(code);
    expect(plain.err).toContain(error);
    expect(plain.err).not.toContain('    at ');
    const json = await weft(['run', ...argv, '--json'], { cwd });
    expect(json.code).toBe(code);
    expect(JSON.stringify(JSON.parse(json.out).error)).toContain(error);
  });

  it('runs a graph of the gallery by its name', async () => {
    const graph = JSON.parse(readFileSync(join(cwd, 'scores.json'), 'utf8'));
    const entry = { name: 'scores', title: '', description: '', revision: '1', editable: false, models: [] };
    const graphs = { list: async () => [entry], read: async () => ({ ...entry, graph }), write: async () => entry };
    const { out, code, asked } = await weft(['run', 'scores'], { cwd, application: { graphs } });
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('a very small bird');
    expect(asked).toEqual([{ bases: [cwd], roots: [] }]);
  });

  it('lets a graph read where the person stands, where it lies, and what the person named', async () => {
    folder.write('graphs/inner.json', readFileSync(join(cwd, 'scores.json'), 'utf8'));
    folder.write('photos/cat.png', '');
    const { asked } = await weft(
      [
        'run',
        'graphs/inner.json',
        '--root',
        'more',
        '--out',
        'results',
        '--set',
        'words=photos/*.png',
        '--set',
        'labels=photos/cat.png',
      ],
      { cwd },
    );
    expect(asked).toEqual([
      {
        bases: [cwd, join(cwd, 'graphs')],
        roots: [join(cwd, 'more'), join(cwd, 'photos'), join(cwd, 'photos/cat.png')],
        outputFolder: join(cwd, 'results'),
      },
    ]);
  });

  it('is cancelled by Ctrl-C', async () => {
    const controller = new AbortController();
    const live = startWeft(['run', 'sleep.json', '--json'], { cwd, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    const { code, out, err } = await live.finished;
    expect(code).toBe(EXIT.cancelled);
    expect(JSON.parse(out)).toMatchObject({ run: { status: 'cancelled' }, error: { code: 'run/cancelled' } });
    expect(err).toContain('run/cancelled');
  });

  it('records what ran, the same for the same run', async () => {
    const argv = ['run', 'scores.json', '--record', '--set', 'words=a'];
    expect((await weft(argv, { cwd })).code).toBe(EXIT.ok);
    const first = readFileSync(join(cwd, 'scores.lock.json'), 'utf8');
    expect(JSON.parse(first)).toMatchObject({
      graph: 'scores',
      signature: expect.stringMatching(/.{16}/),
      nodes: { words: { type: 'source/words', version: 1, params: { words: ['a'] } }, head: { type: 'head/score' } },
    });
    await weft(argv, { cwd });
    expect(readFileSync(join(cwd, 'scores.lock.json'), 'utf8')).toBe(first);
    await weft(['run', 'scores.json', '--record', 'locks/mine.json'], { cwd });
    expect(existsSync(join(cwd, 'locks/mine.json'))).toBe(true);
  });

  it('uses colours on a terminal only, and never with NO_COLOR', async () => {
    const colour = '\u001b[';
    expect((await weft(['run', 'scores.json'], { cwd })).rawOut).not.toContain(colour);
    expect((await weft(['run', 'scores.json'], { cwd, columns: 80 })).rawOut).toContain(colour);
    const env = { NO_COLOR: '1' };
    expect((await weft(['run', 'scores.json'], { cwd, columns: 80, env })).rawOut).not.toContain(colour);
  });

  it('shows progress to somebody who waits, and takes it away; nothing in a pipe', async () => {
    const argv = ['run', 'sleep.json', '--set', 'milliseconds=1200'];
    const watched = await weft(argv, { cwd, columns: 80 });
    expect(watched.err).toContain('0/1 nodes');
    expect(watched.err).toContain('sleep');
    expect(watched.out).toContain('rested');
    const piped = await weft(argv, { cwd });
    expect(piped.rawErr).toBe('');
  });
});
