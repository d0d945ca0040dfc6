/** `weft` as a person starts it: a process, its pipes, its signals. `npm test` builds dist/ first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const weftBin = join(root, 'bin/weft.js');
const tinyWeft = ['--import', 'tsx', join(root, 'test/cli/tiny-weft.ts')];
const folder = temporaryFolder();
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Started {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

function start(command: string, argv: readonly string[], cwd = folder.path): Started {
  const env = { ...process.env, WEFT_CACHE: join(folder.path, 'cache'), WEFT_TOKEN: '' };
  const child = spawn(command, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, out: () => out, err: () => err, ended };
}

const weft = (...argv: string[]) => start(process.execPath, [weftBin, ...argv]);
/** A process needs its time to come up on a machine that is busy with other things. */
const patient = { timeout: 60_000 };

describe('the weft command', { timeout: 120_000 }, () => {
  it('answers, and ends by itself', async () => {
    const help = weft('--help');
    expect(await help.ended).toBe(EXIT.ok);
    expect(help.out()).toContain('Usage: weft');
    const wrong = weft('run', 'missing.json', '--json');
    expect(await wrong.ended).toBe(EXIT.input);
    expect(JSON.parse(wrong.out()).error.code).toBe('input/not-found');
  });

  it('lists the real nodes, and does not mind a reader that leaves', async () => {
    const all = weft('nodes', '--json');
    expect(await all.ended).toBe(EXIT.ok);
    expect(JSON.parse(all.out()).map((node: { type: string }) => node.type)).toContain('head/zero-shot');
    const cut = start('sh', ['-c', `"${process.execPath}" "${weftBin}" nodes --json | head -c 10; echo; echo done`]);
    expect(await cut.ended).toBe(0);
    expect([cut.out().split('\n').at(-2), cut.err()]).toEqual(['done', '']);
  });

  it('serves until Ctrl-C; a second one on the same port says so', async () => {
    const first = weft('serve', '--port', '0');
    await expect.poll(first.out, patient).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
    const [, port, token] = /:(\d+)\/#token=(\S+)/.exec(first.out()) ?? [];
    const headers = { authorization: `Bearer ${token}` };
    const health = await fetch(`http://127.0.0.1:${port}/api/health`, { headers });
    expect(await health.json()).toMatchObject({ status: 'ok' });
    const second = weft('serve', '--port', String(port));
    expect(await second.ended).toBe(EXIT.environment);
    expect(second.err()).toContain('server/port-in-use');
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(EXIT.ok);
    expect(first.err()).toBe('');
  });

  it('is cancelled by Ctrl-C in the middle of a run', async () => {
    folder.write('sleep.json', {
      weft: 1,
      name: 'sleep',
      outputs: { word: ['sleep', 'word'] },
      nodes: { sleep: { type: 'free/sleep', params: { milliseconds: 600_000 } } },
    });
    const run = start(process.execPath, [...tinyWeft, 'run', join(folder.path, 'sleep.json'), '--json'], root);
    await expect.poll(run.err, patient).toContain('a node has started');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(EXIT.cancelled);
    expect(JSON.parse(run.out())).toMatchObject({ run: { status: 'cancelled' }, error: { code: 'run/cancelled' } });
  });
});
