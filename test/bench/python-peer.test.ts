import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PythonPeer } from '../../bench/peers/python.ts';

// Node plays the interpreter: what is tested is the conversation, not Python.

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-peer-'));
  vi.stubEnv('WEFT_BENCH_PYTHON', process.execPath);
});

afterAll(() => rm(folder, { recursive: true }));

async function script(text: string): Promise<string> {
  const path = join(folder, 'peer.mjs');
  await writeFile(path, text);
  return path;
}

describe('PythonPeer', () => {
  it('asks for runs and is told milliseconds', async () => {
    const started = await PythonPeer.start(
      await script(`
        import { createInterface } from 'node:readline';
        console.log(JSON.stringify({ versions: process.argv[2] }));
        for await (const line of createInterface({ input: process.stdin }))
          console.log(JSON.stringify({ ms: JSON.parse(line).batch * 2 }));`),
      ['one'],
    );
    if (typeof started === 'string') throw new Error(started);
    expect(started.versions).toBe('one');
    expect(await started.peer.time('whole', 4)).toBe(8);
    expect(await started.peer.time('whole', 5)).toBe(10);
    started.peer.close();
  });

  it('throws what the peer calls an error', async () => {
    const path = await script(`
        console.log(JSON.stringify({ versions: '' }));
        process.stdin.on('data', () => console.log(JSON.stringify({ error: 'no such thing' })));`);
    const started = await PythonPeer.start(path, []);
    if (typeof started === 'string') throw new Error(started);
    await expect(started.peer.ask({ run: 'a' })).rejects.toThrow('no such thing');
    started.peer.close();
  });

  it('gives the reason where a package is missing', async () => {
    const path = await script(`console.log(JSON.stringify({ error: 'no Pillow' }))`);
    expect(await PythonPeer.start(path, [])).toBe('no Pillow');
  });

  it('gives the reason where it ends at once', async () => {
    expect(await PythonPeer.start(await script('process.exit(3)'), [])).toMatch(/ended with exit code 3/);
  });

  it('gives the reason where there is no interpreter', async () => {
    vi.stubEnv('WEFT_BENCH_PYTHON', join(folder, 'no-python'));
    expect(await PythonPeer.start('x', [])).toMatch(/no-python cannot be started/);
  });
});
