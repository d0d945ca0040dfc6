import { mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OnnxPool, type OnnxPoolOptions } from '../../../src/models/onnx/pool.ts';
import { externalTensor, graph, identity, longChain, matMul, model, node, valueInfo } from './build-onnx.ts';

let folder: string;
const pools: OnnxPool[] = [];

function makePool(options: OnnxPoolOptions = {}): OnnxPool {
  const pool = new OnnxPool({ workers: 1, threads: 1, ...options });
  pools.push(pool);
  return pool;
}

async function write(name: string, content: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** [[1, 2], [3, 4], [5, 6]] */
const WEIGHTS = Float32Array.from([1, 2, 3, 4, 5, 6]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-onnx-'));
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a session', () => {
  test('tells its inputs and outputs, changing dimensions by name', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', element: 'float32', shape: ['n', 3] }]);
    expect(session.outputs).toEqual([{ name: 'y', dtype: 'float32', element: 'float32', shape: ['n', 2] }]);
  });

  test('computes what the graph says', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const data = Float32Array.from([1, 0, 0, 1, 1, 1]);
    const { y } = await session.run({ x: { dtype: 'float32', shape: [2, 3], data } });
    expect(y).toMatchObject({ kind: 'Tensor', dtype: 'float32', shape: [2, 2] });
    expect([...(y!.data as Float32Array)]).toEqual([1, 2, 9, 12]);
    expect(data.byteLength, 'feeds are kept unless given away').toBe(24);
  });

  test('takes rows of a feed in another order, and gives them back where asked', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const data = Float32Array.from([1, 0, 0, 1, 1, 1]);
    const x = { dtype: 'float32' as const, shape: [2, 3], data, rows: [1, 0, 1] };
    const results = await session.run({ x }, { returned: ['x'] });
    expect([...(results.y!.data as Float32Array)]).toEqual([9, 12, 1, 2, 9, 12]);
    expect(results.x).toMatchObject({ dtype: 'float32', shape: [3, 3] });
    expect([...(results.x!.data as Float32Array)]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 1]);
  });

  test('rounds float32 for an input of float16, and widens what comes out where asked', async () => {
    const session = await makePool().session(await write('half.onnx', identity('float16', [2])));
    const x = { dtype: 'float32' as const, shape: [2], data: Float32Array.from([1.5, -0.25]) };
    const narrow = await session.run({ x });
    expect(narrow.y).toMatchObject({ dtype: 'float16', data: Uint16Array.from([0x3e00, 0xb400]) });
    const wide = await session.run({ x }, { widened: ['y'] });
    expect(wide.y).toMatchObject({ dtype: 'float32', data: Float32Array.from([1.5, -0.25]) });
  });

  test.each([
    ['int64', 'int64', BigInt64Array.from([-1n, 2n ** 40n])],
    ['int32', 'int32', Int32Array.from([-5, 7])],
    ['uint8', 'uint8', Uint8Array.from([0, 255])],
    ['bool', 'bool', Uint8Array.from([0, 1])],
    ['float16', 'float16', Uint16Array.from([0x3c00, 0xc000])],
    ['float64', 'float32', Float32Array.from([0.5, -2])],
    ['int8', 'int32', Int32Array.from([-128, 127])],
  ] as const)('carries %s as %s unchanged', async (element, dtype, data) => {
    const session = await makePool().session(await write(`same-${element}.onnx`, identity(element, [2])));
    const { y } = await session.run({ x: { dtype, shape: [2], data } });
    expect(y?.dtype).toBe(dtype);
    expect(y?.data).toEqual(data);
  });

  test('refuses numbers that the element type cannot hold', async () => {
    const session = await makePool().session(await write('same-int8.onnx', identity('int8', [1])));
    const run = session.run({ x: { dtype: 'int32', shape: [1], data: Int32Array.from([128]) } });
    await expect(run).rejects.toMatchObject({ code: 'model/bad-input', details: { expected: 'values that fit int8' } });
    const again = await session.run({ x: { dtype: 'int32', shape: [1], data: Int32Array.from([1]) } });
    expect(again.y?.data).toEqual(Int32Array.from([1]));
  });

  test('a model that takes strings is refused when opened', async () => {
    const opening = makePool().session(await write('text.onnx', identity('string', [1])));
    await expect(opening).rejects.toMatchObject({ code: 'model/unsupported' });
  });
});

describe('buffers', () => {
  test('move: feeds given away are empty afterwards', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const data = Float32Array.from([1, 2, 3]);
    const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 3], data } }, { transfer: true });
    expect(data.byteLength).toBe(0);
    expect([...(y!.data as Float32Array)]).toEqual([22, 28]);
  });

  test('a view into a larger buffer is copied, never its neighbours taken along', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const whole = Float32Array.from([9, 1, 2, 3, 9]);
    const data = whole.subarray(1, 4);
    const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 3], data } }, { transfer: true });
    expect([...(y!.data as Float32Array)]).toEqual([22, 28]);
    expect([...whole]).toEqual([9, 1, 2, 3, 9]);
  });

  test('results own their memory: they can move on to another thread', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } });
    const buffer = y?.data.buffer as ArrayBuffer;
    structuredClone(buffer, { transfer: [buffer] });
    expect(buffer.byteLength).toBe(0);
  });
});

describe('the pool', () => {
  test('refuses to be without threads', () => {
    for (const workers of [0, 1.5, Number.NaN]) {
      expect(() => new OnnxPool({ workers })).toThrow(expect.objectContaining({ code: 'usage/bad-option' }));
    }
  });

  test('opens a file once, and again when it changed', async () => {
    const pool = makePool();
    const path = await write('once.onnx', matMul(3, 2, WEIGHTS));
    await symlink(path, join(folder, 'link.onnx'));
    await Promise.all([pool.session(path), pool.session(path), pool.session(join(folder, 'link.onnx'))]);
    expect(pool.size).toBe(1);
    await writeFile(path, matMul(2, 3, WEIGHTS));
    await utimes(path, new Date(), new Date((await stat(path)).mtimeMs + 5000));
    const session = await pool.session(path);
    expect(session.inputs[0]?.shape).toEqual(['n', 2]);
  });

  test('opens it again when only the data beside it changed', async () => {
    const pool = makePool();
    const data = await write('beside.bin', new Uint8Array(WEIGHTS.buffer));
    const content = graph('g', {
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      initializers: [externalTensor('w', [3, 2], 'beside.bin')],
      inputs: [valueInfo('x', 'float32', ['n', 3])],
      outputs: [valueInfo('y', 'float32', ['n', 2])],
    });
    const path = await write('beside.onnx', model(content));
    const x = { dtype: 'float32', shape: [1, 3], data: Float32Array.from([1, 0, 0]) } as const;
    const first = await pool.session(path);
    expect((await first.run({ x })).y?.data).toEqual(Float32Array.from([1, 2]));
    // Written beside and renamed, as downloads do; same size, same modification time.
    const { atime, mtime } = await stat(data);
    const draft = await write('beside.draft', new Uint8Array(Float32Array.from([7, 8, 0, 0, 0, 0]).buffer));
    await utimes(draft, atime, mtime);
    await rename(draft, data);
    const second = await pool.session(path);
    expect((await second.run({ x })).y?.data).toEqual(Float32Array.from([7, 8]));
    expect(await pool.session(path).then((session) => session.run({ x }))).toEqual(await second.run({ x }));
  });

  test('unloads what its holder lets go of once its runs have ended, and loads it again', async () => {
    const pool = makePool();
    const session = await pool.session(await write('kept.onnx', matMul(3, 2, WEIGHTS)));
    const x = { dtype: 'float32' as const, shape: [1, 3], data: Float32Array.from([1, 1, 1]) };
    const running = session.run({ x });
    session.release();
    expect([...((await running).y!.data as Float32Array)]).toEqual([9, 12]);
    expect(pool.size).toBe(0);
    await session.run({ x });
    expect(pool.size).toBe(1);
  });

  test('unloads the model unused longest; its handle loads it again', async () => {
    const pool = makePool({ maxSessions: 2 });
    const sessions = [];
    for (const name of ['a', 'b', 'c']) {
      sessions.push(await pool.session(await write(`${name}.onnx`, matMul(3, 2, WEIGHTS))));
    }
    expect(pool.size).toBe(2);
    const x = { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } as const;
    await Promise.all(sessions.map((session) => session.run({ x })));
    expect(pool.size).toBe(2);
  });

  test('runs models of two threads side by side', async () => {
    const pool = makePool({ workers: 2 });
    const slow = await pool.session(await write('slow.onnx', longChain(256, 40)));
    const quick = await pool.session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const order: string[] = [];
    const x = { dtype: 'float32', shape: [256, 256], data: new Float32Array(256 * 256) } as const;
    await Promise.all([
      slow.run({ x }).then(() => order.push('slow')),
      quick.run({ x: { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } }).then(() => order.push('quick')),
    ]);
    expect(order).toEqual(['quick', 'slow']);
  });

  test('leaves the event loop free while a model runs', async () => {
    const session = await makePool().session(await write('slow.onnx', longChain(256, 40)));
    const x = { dtype: 'float32', shape: [256, 256], data: new Float32Array(256 * 256) } as const;
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await session.run({ x });
    running = false;
    // A run on this thread would let a handful of turns through: before it, and after it.
    expect(turns).toBeGreaterThan(20);
  });

  test('a missing file is input/not-found', async () => {
    const opening = makePool().session(join(folder, 'nowhere.onnx'));
    await expect(opening).rejects.toMatchObject({ code: 'input/not-found' });
  });

  test('closing rejects what is under way', async () => {
    const pool = makePool();
    const session = await pool.session(await write('slow.onnx', longChain(256, 40)));
    const x = { dtype: 'float32', shape: [256, 256], data: new Float32Array(256 * 256) } as const;
    const runs = [session.run({ x }), session.run({ x })].map((run) => run.catch((error) => error.code));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await pool.close();
    expect(await Promise.all(runs)).toEqual(['run/cancelled', 'run/cancelled']);
    await expect(session.run({ x })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('cancelling', () => {
  test('rejects at once, drops the late result, and the session goes on', async () => {
    const session = await makePool().session(await write('slow.onnx', longChain(256, 40)));
    const side = 256 * 256;
    const shape = [256, 256];
    const controller = new AbortController();
    const first = session.run({ x: { dtype: 'float32', shape, data: new Float32Array(side).fill(1) } }, controller);
    const waiting = session.run({ x: { dtype: 'float32', shape, data: new Float32Array(side).fill(2) } }, controller);
    let settled = false;
    const codes = Promise.allSettled([first, waiting]).then((results) => {
      settled = true;
      return results.map((result) => (result.status === 'rejected' ? result.reason.code : 'done'));
    });
    await new Promise((resolve) => setTimeout(resolve, 2));
    controller.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled, 'before the thread can have answered').toBe(true);
    expect(await codes).toEqual(['run/cancelled', 'run/cancelled']);
    const { y } = await session.run({ x: { dtype: 'float32', shape, data: new Float32Array(side).fill(3) } });
    expect(y?.data[0]).toBeCloseTo(3, 3);
  });

  test('a run cancelled while it waits keeps the buffers it would have given away', async () => {
    const session = await makePool().session(await write('slow.onnx', longChain(256, 40)));
    const shape = [256, 256];
    const busy = session.run({ x: { dtype: 'float32', shape, data: new Float32Array(256 * 256) } });
    const controller = new AbortController();
    const data = new Float32Array(256 * 256);
    const waiting = session.run(
      { x: { dtype: 'float32', shape, data } },
      { transfer: true, signal: controller.signal },
    );
    setImmediate(() => controller.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(data.byteLength).toBe(256 * 256 * 4);
    await busy;
  });

  test('a signal that fired before', async () => {
    const session = await makePool().session(await write('product.onnx', matMul(3, 2, WEIGHTS)));
    const x = { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } as const;
    await expect(session.run({ x }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});
