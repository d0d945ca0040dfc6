import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import { checkOnnxFile } from '../../../src/models/onnx/check-file.ts';
import { OnnxPool } from '../../../src/models/onnx/pool.ts';
import {
  bytes,
  externalTensor,
  graph,
  type Message,
  matMul,
  message,
  model,
  node,
  number,
  tensor,
  valueInfo,
} from './build-onnx.ts';

let base: string;
let folder: string;
let pool: OnnxPool;
let files = 0;

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'weft-check-')));
  folder = join(base, 'model');
  await mkdir(folder);
  await writeFile(join(base, 'secret.bin'), new Float32Array(6));
  await writeFile(join(folder, 'weights.bin'), Float32Array.from([1, 2, 3, 4, 5, 6]));
  await symlink(join(base, 'secret.bin'), join(folder, 'link.bin'));
  await symlink(base, join(folder, 'up'));
  pool = new OnnxPool({ workers: 1, threads: 1 });
});
afterAll(async () => {
  await pool.close();
  await rm(base, { recursive: true });
});

async function write(content: Uint8Array | string, place = folder): Promise<string> {
  const path = join(place, `file-${files++}.onnx`);
  await writeFile(path, content);
  return path;
}

function codeOf(path: string): string {
  try {
    checkOnnxFile(path);
    return 'fine';
  } catch (thrown) {
    if (thrown instanceof WeftError) return thrown.code;
    throw thrown;
  }
}

const good = matMul(3, 2, Float32Array.from([1, 2, 3, 4, 5, 6]));
const x = { dtype: 'float32', shape: [1, 3], data: Float32Array.from([1, 1, 1]) } as const;

/** The good model, its weights outside. */
function outside(location: string): Message {
  return model(
    graph('product', {
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      initializers: [externalTensor('w', [3, 2], location)],
      inputs: [valueInfo('x', 'float32', ['n', 3])],
      outputs: [valueInfo('y', 'float32', ['n', 2])],
    }),
  );
}

describe('files that are no ONNX model', () => {
  const random = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919 + 13) % 251);
  test.each<[string, Uint8Array | string]>([
    ['nothing', ''],
    ['text', 'this is not a model, it is a sentence that goes on for a while'],
    ['zeros', new Uint8Array(4096)],
    ['numbers', random],
    ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
    ['JSON', '{"model_type": "clip"}'],
    ['half a model', good.subarray(0, good.length - 20)],
    ['a model and more', message([good, Uint8Array.from([0xff, 0xff])])],
    ['a model without a graph', message([number(1, 8), bytes(2, 'weft')])],
    ['a graph without a version', bytes(7, graph('g', {}))],
    [
      'a length written in more bytes than any writer uses',
      message([good, Uint8Array.from([0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0])]),
    ],
    ['a graph where a number should be', message([number(1, 8), number(7, 3)])],
  ])('%s', async (_, content) => {
    const path = await write(content);
    expect(codeOf(path)).toBe('model/bad-onnx');
    await expect(pool.session(path)).rejects.toMatchObject({ code: 'model/bad-onnx' });
  });

  test('messages nested without end', async () => {
    let inner = graph('deep', {});
    for (let depth = 0; depth < 100; depth++) {
      inner = graph('deep', { nodes: [node('If', [], [], [message([bytes(1, 'then_branch'), bytes(6, inner)])])] });
    }
    expect(codeOf(await write(model(inner)))).toBe('model/bad-onnx');
  });

  test('a folder', async () => {
    expect(codeOf(folder)).toBe('model/bad-onnx');
  });

  test('a graph that ONNX Runtime refuses; the pool goes on', async () => {
    const path = await write(model(graph('g', { nodes: [node('NoSuchOperator', [], ['y'])] })));
    const opening = pool.session(path);
    await expect(opening).rejects.toMatchObject({ code: 'model/bad-onnx' });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining(base) });
    const session = await pool.session(await write(good));
    expect([...(await session.run({ x })).y!.data]).toEqual([9, 12]);
  });

  test('whatever byte is wrong, the answer is one of ours', async () => {
    const counts = { fine: 0, refused: 0 };
    for (let index = 0; index < good.length; index++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = good.slice();
        damaged[index]! ^= flip;
        counts[codeOf(await write(damaged, base)) === 'fine' ? 'fine' : 'refused']++;
      }
    }
    // Names and weights may be anything; lengths and tags may not.
    expect(counts.fine).toBeGreaterThan(0);
    expect(counts.refused).toBeGreaterThan(50);
  });
});

describe('external data', () => {
  test('beside the model is found and used', async () => {
    const path = await write(outside('weights.bin'));
    expect(checkOnnxFile(path).externalFiles).toEqual([join(folder, 'weights.bin')]);
    const session = await pool.session(path);
    expect([...(await session.run({ x })).y!.data]).toEqual([9, 12]);
  });

  test('in the hub’s cache, where model and data are links to blobs', async () => {
    const repository = join(base, 'models--owner--name');
    const snapshot = join(repository, 'snapshots', 'c'.repeat(40), 'onnx');
    await mkdir(join(repository, 'blobs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    await writeFile(join(repository, 'blobs', 'a'), outside('model.onnx_data'));
    await writeFile(join(repository, 'blobs', 'b'), Float32Array.from([1, 2, 3, 4, 5, 6]));
    await symlink('../../../blobs/a', join(snapshot, 'model.onnx'));
    await symlink('../../../blobs/b', join(snapshot, 'model.onnx_data'));
    const session = await pool.session(join(snapshot, 'model.onnx'));
    expect([...(await session.run({ x })).y!.data]).toEqual([9, 12]);

    await symlink(join(base, 'secret.bin'), join(snapshot, 'away.bin'));
    expect(codeOf(await write(outside('away.bin'), snapshot))).toBe('model/onnx-outside-folder');
  });

  test.each([
    '../secret.bin',
    'sub/../../secret.bin',
    '..\\secret.bin',
    '/etc/hostname',
    'C:\\Windows\\win.ini',
    '\\\\host\\share\\file',
    'link.bin',
    'up/secret.bin',
    '*/_ORT_MEM_ADDR_/*',
  ])('at %s is refused', async (location) => {
    const path = await write(outside(location));
    expect(codeOf(path)).toBe('model/onnx-outside-folder');
    await expect(pool.session(path)).rejects.toMatchObject({
      code: 'model/onnx-outside-folder',
      details: { target: location },
      status: 403,
    });
  });

  test('that is not there is told', async () => {
    await expect(pool.session(await write(outside('nothing.bin')))).rejects.toMatchObject({
      code: 'model/bad-onnx',
      message: expect.stringContaining('"nothing.bin" is missing'),
    });
  });

  const away = externalTensor('w', [1], '../secret.bin');
  const sparse = message([bytes(1, tensor('v', [1], Float32Array.from([1]))), bytes(2, away)]);
  const attribute = (field: number, content: Message): Message => message([bytes(1, 'value'), bytes(field, content)]);
  const constant = (content: Message): Message => node('Constant', [], ['c'], [content]);
  test.each<[string, Message]>([
    ['an initializer', model(graph('g', { initializers: [away] }))],
    ['a sparse initializer', model(graph('g', { sparse: [sparse] }))],
    ['a constant', model(graph('g', { nodes: [constant(attribute(5, away))] }))],
    ['one of several constants', model(graph('g', { nodes: [constant(attribute(10, away))] }))],
    ['a sparse constant', model(graph('g', { nodes: [constant(attribute(22, sparse))] }))],
    ['one of several sparse constants', model(graph('g', { nodes: [constant(attribute(23, sparse))] }))],
    [
      'a branch',
      model(graph('g', { nodes: [node('If', ['c'], ['y'], [attribute(6, graph('b', { initializers: [away] }))])] })),
    ],
    [
      'a branch of a branch',
      model(
        graph('g', {
          nodes: [
            node(
              'If',
              [],
              [],
              [
                attribute(
                  11,
                  graph('b', { nodes: [node('Loop', [], [], [attribute(6, graph('c', { initializers: [away] }))])] }),
                ),
              ],
            ),
          ],
        }),
      ),
    ],
    ['a function', model(graph('g', {}), [bytes(25, bytes(7, constant(attribute(5, away))))])],
    ['a default of a function', model(graph('g', {}), [bytes(25, bytes(11, attribute(5, away)))])],
    ['a training graph', model(graph('g', {}), [bytes(20, bytes(2, graph('t', { initializers: [away] })))])],
    [
      'a second graph, which parsers merge into the first',
      model(graph('g', {}), [bytes(7, graph('h', { initializers: [away] }))]),
    ],
  ])('outside the folder is found in %s', async (_, content) => {
    expect(codeOf(await write(content))).toBe('model/onnx-outside-folder');
  });
});
