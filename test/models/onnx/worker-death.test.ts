import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OnnxPool } from '../../../src/models/onnx/pool.ts';
import { longChain, matMul } from './build-onnx.ts';

const run = promisify(execFile);
const POOL = new URL('../../../dist/src/models/onnx/pool.js', import.meta.url);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-death-'));
  await writeFile(join(folder, 'quick.onnx'), matMul(3, 2, new Float32Array(6)));
  await writeFile(join(folder, 'slow.onnx'), longChain(256, 200));
});
afterAll(() => rm(folder, { recursive: true }));

function feed(value: number) {
  return { x: { dtype: 'float32', shape: [1], data: Float32Array.from([value]) } } as const;
}

describe('a thread that dies', () => {
  test.each([
    ['by an exception', 0],
    ['by ending', 1],
  ])('%s: what it had is rejected, the next run gets a new one', async (_, deadly) => {
    const pool = new OnnxPool({ workers: 1, threads: 1, entry: new URL('./dying-worker.mjs', import.meta.url) });
    const session = await pool.session(join(folder, 'quick.onnx'));
    const runs = await Promise.allSettled([session.run(feed(deadly)), session.run(feed(2))]);
    expect(runs.map((one) => (one.status === 'rejected' ? one.reason.code : 'done'))).toEqual([
      'model/run-failed',
      'model/run-failed',
    ]);
    expect(runs[0]).toMatchObject({ reason: { message: expect.stringContaining('its thread stopped') } });
    expect((await session.run(feed(2))).x?.data[0]).toBe(2);
    await pool.close();
  });
});

/** Runs a script on the built code in a process of its own; with another node when one is given. */
async function script(body: string): Promise<{ code: number; output: string }> {
  const source = `
    import { OnnxPool } from ${JSON.stringify(POOL.href)};
    const pool = new OnnxPool({ workers: 1, threads: 1 });
    const folder = ${JSON.stringify(folder)};
    const side = { dtype: 'float32', shape: [256, 256], data: new Float32Array(65536) };
    ${body}`;
  try {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', source]);
    return { code: 0, output: stdout + stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

describe('the process', () => {
  test('ends by itself while sessions are open', async () => {
    const { code, output } = await script(`
      const session = await pool.session(folder + '/quick.onnx');
      await session.run({ x: { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } });
      console.log('done');`);
    expect({ code, output }).toEqual({ code: 0, output: 'done\n' });
  });

  test('waits for runs under way', async () => {
    const { code, output } = await script(`
      const session = await pool.session(folder + '/slow.onnx');
      session.run({ x: side }).then(() => console.log('done'));`);
    expect({ code, output }).toEqual({ code: 0, output: 'done\n' });
  });

  test('that exits in the middle of a run has its own exit code, and is not aborted', async () => {
    const { code, output } = await script(`
      const session = await pool.session(folder + '/slow.onnx');
      for (let index = 0; index < 3; index++) session.run({ x: side }).catch(() => {});
      setTimeout(() => process.exit(3), 20);`);
    expect({ code, output }).toEqual({ code: 3, output: '' });
  });
});
