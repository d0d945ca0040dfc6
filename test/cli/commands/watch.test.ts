import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputPaths } from '../../../src/cli/watched-paths.ts';
import { EXIT } from '../../../src/errors.ts';
import type { Graph } from '../../../src/protocol/graph-file.ts';
import { tinyNodes } from '../../server/tiny-nodes.ts';
import { type LiveRun, startWeft } from '../captured-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const cwd = folder.path;
const graph = (path: string): Graph => ({
  weft: 1,
  name: 'watched',
  inputs: { path: { node: 'file', param: 'path' } },
  outputs: { text: ['file', 'text'] },
  nodes: { file: { type: 'source/file', params: { path } } },
});

function watch(...argv: string[]): { live: LiveRun; stop: () => Promise<number> } {
  const controller = new AbortController();
  const live = startWeft(['run', ...argv, '--watch'], { cwd, signal: controller.signal });
  const stop = async () => {
    controller.abort();
    return (await live.finished).code;
  };
  return { live, stop };
}

/** The machine may be busy with other things. */
const patient = { timeout: 20_000 };
/** Long enough for the watch to stand and for two saves to be told apart. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 300));
const count = (text: string, part: string) => text.split(part).length - 1;

describe('weft run --watch', { timeout: 60_000 }, () => {
  it('runs again when an input or the graph changes, once for a flurry, and goes on after an error', async () => {
    const input = folder.write('input.txt', 'first');
    const other = folder.write('other.txt', 'other');
    folder.write('graph.json', graph(input));
    const { live, stop } = watch('graph.json');
    await expect.poll(live.out, patient).toContain('first');
    await settle();

    for (const text of ['a', 'b', 'c', 'second']) folder.write('input.txt', text);
    await expect.poll(live.out, patient).toContain('second');
    await settle();
    expect(count(live.out(), 'text\n')).toBe(2);

    folder.write('graph.json', '{ broken');
    await expect.poll(live.err, patient).toContain('graph/not-json');
    await settle();

    folder.write('graph.json', graph(other));
    await expect.poll(live.out, patient).toContain('other');
    await settle();

    // As editors save: a new file takes the place of the old one.
    folder.write('draft.txt', 'renamed');
    renameSync(join(cwd, 'draft.txt'), other);
    await expect.poll(live.out, patient).toContain('renamed');
    await settle();

    const before = live.out();
    folder.write('unrelated.txt', 'x');
    await settle();
    expect(live.out()).toBe(before);
    expect(await stop()).toBe(EXIT.ok);
  });

  it('watches what --set names instead of what the graph names', () => {
    folder.write('named.txt', '');
    folder.write('pictures/a.png', '');
    const paths = (value: string) =>
      inputPaths(graph('input.txt'), { path: value }, tinyNodes, [cwd, join(cwd, 'graphs')]);
    expect(paths('named.txt')).toEqual([join(cwd, 'named.txt')]);
    expect(paths('pictures/*.png')).toEqual([join(cwd, 'pictures')]);
    expect(paths('pictures/{a,b}.png')).toEqual([join(cwd, 'pictures')]);
    expect(paths('nothing.txt')).toEqual([]);
    expect(paths('data:image/png;base64,AAAA')).toEqual([]);
    expect(paths('upload:abc.png')).toEqual([]);
  });
});
