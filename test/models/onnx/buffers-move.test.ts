import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { matMul } from './build-onnx.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'buffers-move.mjs');
let folder: string;
let model: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-move-'));
  model = join(folder, 'product.onnx');
  await writeFile(model, matMul(3, 2, new Float32Array(6)));
});
afterAll(() => rm(folder, { recursive: true }));

test('feeds and results move between threads, on this Node', async () => {
  const { stdout } = await run(process.execPath, [SCRIPT, model]);
  expect(JSON.parse(stdout)).toEqual({ node: process.version, feed: 0, result: 0, received: 42 });
});

test('and on a newer one', { timeout: 90_000 }, async (context) => {
  // Where a transfer of memory that V8 does not own throws. The registry's `node` package is a Node of that version.
  const windows = process.platform === 'win32';
  const arguments_ = ['--yes', '--prefer-offline', 'node@22', SCRIPT, model];
  const environment = { ...process.env, npm_config_fetch_retries: '0' };
  const options = { cwd: folder, timeout: 80_000, shell: windows, env: environment };
  const newer = run(windows ? 'npx.cmd' : 'npx', arguments_, options);
  const { stdout } = await newer.catch((thrown: { stderr?: string; killed?: boolean }) => {
    const reason = thrown.killed ? 'it took too long' : /npm (?:error|ERR!).*/.exec(thrown.stderr ?? '')?.[0];
    if (reason === undefined) throw thrown;
    console.log(`skipped: moving buffers on Node 22, because it cannot be had here (${reason})`);
    return { stdout: '' };
  });
  if (stdout === '') return context.skip();
  const answer = JSON.parse(stdout);
  expect(answer.node).toMatch(/^v22\./);
  expect(answer).toMatchObject({ feed: 0, result: 0, received: 42 });
});
