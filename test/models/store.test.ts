import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { Roots } from '../../src/files/roots.ts';
import { ModelStore } from '../../src/models/store.ts';
import { externalTensor, graph, matMul, model, node, valueInfo } from './onnx/build-onnx.ts';
import { scalarSafetensors, writeTinyClip } from './tiny-clip.ts';

const COMMIT = 'c'.repeat(40);
const SHA256 = 'a'.repeat(64);
let base: string;
let caches = 0;

function makeStore(cacheFolder = join(base, `cache-${caches++}`)): ModelStore {
  return new ModelStore({
    zooFolder: join(base, 'zoo'),
    hubFolder: join(base, 'hub'),
    cacheFolder,
    locate: async (path) => {
      const absolute = resolve(base, 'work', path);
      if (!absolute.startsWith(join(base, 'work'))) throw new WeftError('input/outside-roots', { path });
      return realpath(absolute).catch(() => {
        throw new WeftError('input/not-found', { path, base: 'work' });
      });
    },
  });
}

/** Puts a folder into the hub's cache as Python does: blobs, and a snapshot of links to them. */
async function cacheRepository(repo: string, files: Record<string, { blob: string; content: Uint8Array | string }>) {
  const folder = join(base, 'hub', `models--${repo.replace('/', '--')}`);
  await mkdir(join(folder, 'blobs'), { recursive: true });
  await mkdir(join(folder, 'refs'), { recursive: true });
  await writeFile(join(folder, 'refs', 'main'), COMMIT);
  for (const [name, { blob, content }] of Object.entries(files)) {
    const pointer = join(folder, 'snapshots', COMMIT, name);
    await mkdir(join(pointer, '..'), { recursive: true });
    await writeFile(join(folder, 'blobs', blob), content);
    await symlink(join('../'.repeat(name.split('/').length + 1), 'blobs', blob), pointer);
  }
}

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'weft-store-')));
  await writeTinyClip(join(base, 'zoo', 'clip-shapes'), { config: { _name_or_path: 'clip-shapes' } });
  await mkdir(join(base, 'zoo', 'detect-shapes'), { recursive: true });
  await writeFile(join(base, 'zoo', 'detect-shapes', 'model.onnx'), matMul(1, 1, Float32Array.from([2])));
  await mkdir(join(base, 'zoo', 'notes'));
  await cp(join(base, 'zoo', 'clip-shapes'), join(base, 'work', 'my-copy'), { recursive: true });
  await cacheRepository('openai/clip-tiny', {
    'config.json': { blob: '1'.repeat(40), content: JSON.stringify({ model_type: 'clip', projection_dim: 8 }) },
    // Named by a hash that its content does not have: only the name can have been used.
    'model.safetensors': { blob: SHA256, content: scalarSafetensors('logit_scale', 1) },
  });
});
afterAll(() => rm(base, { recursive: true }));

describe('has', () => {
  test.each([
    ['zoo/clip-shapes', true],
    ['openai/clip-tiny', true],
    ['./my-copy', true],
    ['zoo/clip-shape', false],
    ['openai/clip-large', false],
    ['./nowhere', false],
    ['/etc', false],
  ])('%s: %s', async (ref, isHere) => {
    expect(await makeStore().has(ref)).toBe(isHere);
  });
});

describe('info', () => {
  test('of a model of the zoo', async () => {
    const info = await makeStore().info('zoo/clip-shapes');
    expect(info).toMatchObject({ ref: 'zoo/clip-shapes', family: 'clip', source: 'zoo', dim: 2, imageSize: [2, 2] });
    expect(info.space).toMatch(/^clip-shapes#[0-9a-f]{8}$/);
    expect(info.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('of a repository in the hub’s cache, by name and by commit', async () => {
    const info = await makeStore().info('openai/clip-tiny');
    expect(info).toMatchObject({ family: 'clip', source: 'hub', dim: 8 });
    expect((await makeStore().info(`openai/clip-tiny@${COMMIT}`)).hash).toBe(info.hash);
  });

  test('of a bare ONNX file, and of a folder with one', async () => {
    await writeFile(join(base, 'work', 'double.onnx'), matMul(1, 1, Float32Array.from([2])));
    const file = await makeStore().info('./double.onnx');
    expect(file).toMatchObject({ ref: './double.onnx', family: 'onnx', source: 'folder' });
    const folder = await makeStore().info('zoo/detect-shapes');
    expect(folder.family).toBe('onnx');
    expect(folder.space?.split('#')[1], 'same weights').toBe(file.space?.split('#')[1]);
  });

  test('the same weights are one space wherever they lie; other weights are another', async () => {
    const store = makeStore();
    const zoo = await store.info('zoo/clip-shapes');
    expect((await store.info('./my-copy')).space).toBe(zoo.space);
    await cp(join(base, 'zoo', 'clip-shapes'), join(base, 'work', 'trained-on'), { recursive: true });
    await writeFile(join(base, 'work', 'trained-on', 'model.safetensors'), scalarSafetensors('logit_scale', 9));
    expect((await store.info('./trained-on')).space).not.toBe(zoo.space);
  });

  test('changes when a file does, though not before', async () => {
    const store = makeStore();
    await cp(join(base, 'zoo', 'clip-shapes'), join(base, 'work', 'edited'), { recursive: true });
    const before = await store.info('./edited');
    expect(await store.info('./edited')).toBe(before);
    const config = join(base, 'work', 'edited', 'config.json');
    await writeFile(config, (await readFile(config, 'utf8')).replace('"projection_dim":2', '"projection_dim":3'));
    const after = await store.info('./edited');
    expect(after.dim).toBe(3);
    expect(after.hash).not.toBe(before.hash);
    expect(after.space).toBe(before.space);
  });

  test('finds an ONNX file in the second folder that is searched, whatever lies in the first', async () => {
    const [first, second] = [join(base, 'searched', 'first'), join(base, 'searched', 'second')];
    await mkdir(join(first, 'nets'), { recursive: true });
    await mkdir(join(second, 'nets'), { recursive: true });
    const content = graph('g', { nodes: [node('Identity', ['x'], ['y'])], outputs: [valueInfo('y', 'float32', [1])] });
    for (const name of ['net.onnx', 'nets/net.onnx']) await writeFile(join(second, name), model(content));
    const roots = new Roots([first, second], []);
    const folders = {
      zooFolder: join(base, 'zoo'),
      hubFolder: join(base, 'hub'),
      cacheFolder: join(base, 'searching'),
    };
    const store = new ModelStore({ ...folders, locate: (path) => roots.locate(path) });
    expect(await store.onnxFile('net.onnx')).toBe(join(second, 'net.onnx'));
    expect(await store.info('nets/net.onnx')).toMatchObject({ family: 'onnx', bytes: model(content).length });
  });

  test('counts the external data of an ONNX file, whatever its name', async () => {
    const place = join(base, 'work', 'outside.onnx');
    const content = graph('g', {
      nodes: [node('Identity', ['w'], ['y'])],
      initializers: [externalTensor('w', [1], 'weights of mine')],
      outputs: [valueInfo('y', 'float32', [1])],
    });
    await writeFile(place, model(content));
    await writeFile(join(base, 'work', 'weights of mine'), Buffer.from([0, 0, 128, 63]));
    const store = makeStore();
    const before = await store.info('./outside.onnx');
    expect(await store.info('./outside.onnx')).toBe(before);
    await writeFile(join(base, 'work', 'weights of mine'), Buffer.from([0, 0, 0, 64]));
    const after = await store.info('./outside.onnx');
    expect(after.hash).not.toBe(before.hash);
    expect(after.space).not.toBe(before.space);
    expect(after.bytes).toBe(before.bytes);
  });
});

describe('hashes', () => {
  test('are remembered on disk: a big file is not read again', async () => {
    const cache = join(base, 'remembered');
    const place = join(base, 'work', 'remember');
    await writeTinyClip(place);
    const first = await makeStore(cache).info('./remember');
    const memory = join(cache, 'model-hashes.json');
    // Written behind the answer's back: wait until it is there.
    let text = '';
    while (text === '') {
      text = await readFile(memory, 'utf8').catch(() => '');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const stored = JSON.parse(text);
    stored.files[join(place, 'model.safetensors')].hash = 'f'.repeat(64);
    await writeFile(memory, JSON.stringify(stored));
    expect((await makeStore(cache).info('./remember')).hash, 'what was remembered is believed').not.toBe(first.hash);
    await utimes(join(place, 'model.safetensors'), new Date(), new Date(Date.now() + 5000));
    expect((await makeStore(cache).info('./remember')).hash, 'until the file changes').toBe(first.hash);
  });

  test('a memory that cannot be read or written is no error', async () => {
    const cache = join(base, 'blocked');
    await writeFile(cache, 'a file where the folder should be');
    expect((await makeStore(cache).info('zoo/clip-shapes')).family).toBe('clip');
  });

  test('of a large file in the hub’s cache is its name', async () => {
    const cache = join(base, 'named');
    await makeStore(cache).info('openai/clip-tiny');
    await expect
      .poll(() => readFile(join(cache, 'model-hashes.json'), 'utf8').catch(() => ''))
      .toContain(`"hash":"${SHA256}"`);
  });
});

describe('what is not there', () => {
  test('is told with the nearest name', async () => {
    await expect(makeStore().info('zoo/clip-shape')).rejects.toMatchObject({
      code: 'model/not-found',
      message: expect.stringContaining('Did you mean "zoo/clip-shapes"?'),
    });
    await expect(makeStore().info('openai/clip-tinny')).rejects.toMatchObject({
      code: 'model/not-found',
      details: { suggestion: ' Did you mean "openai/clip-tiny"?' },
      remedy: expect.stringContaining('weft models pull openai/clip-tinny'),
    });
  });

  test.each(['zoo/../../etc', 'openai/clip-tiny@../../x', '../outside', '/etc/passwd'])(
    '%s leads nowhere',
    async (ref) => {
      await expect(makeStore().info(ref)).rejects.toMatchObject({ code: expect.stringMatching(/^(?:model|input)\//) });
    },
  );

  test('a folder without a model, and a file that is none', async () => {
    await expect(makeStore().info('zoo/notes')).rejects.toMatchObject({ code: 'model/missing-file' });
    await writeFile(join(base, 'work', 'notes.md'), 'text');
    await expect(makeStore().info('./notes.md')).rejects.toMatchObject({ code: 'model/unsupported' });
  });

  test('a config.json that is no JSON', async () => {
    await mkdir(join(base, 'work', 'broken'), { recursive: true });
    await writeFile(join(base, 'work', 'broken', 'config.json'), '{');
    await expect(makeStore().info('./broken')).rejects.toMatchObject({
      code: 'model/bad-config',
      details: { file: 'config.json' },
    });
  });
});

describe('list and lookup', () => {
  test('list every model that can be loaded', async () => {
    const refs = (await makeStore().list()).map(({ ref }) => ref);
    expect(refs).toEqual(['zoo/clip-shapes', 'zoo/detect-shapes', 'openai/clip-tiny']);
  });

  test('a lookup answers without waiting, for the references it was made for', async () => {
    const lookup = await makeStore().lookupFor(['zoo/clip-shapes', 'zoo/nothing', './my-copy']);
    expect(lookup('zoo/clip-shapes')?.family).toBe('clip');
    expect(lookup('./my-copy')?.space).toBe(lookup('zoo/clip-shapes')?.space);
    expect(lookup('zoo/nothing')).toBeUndefined();
  });

  test('a lookup tells what is wrong with a model that is here', async () => {
    await mkdir(join(base, 'work', 'broken'), { recursive: true });
    await writeFile(join(base, 'work', 'broken', 'config.json'), '{');
    const lookup = await makeStore().lookupFor(['./broken', 'zoo/nothing', 'zoo/clip-shapes']);
    expect(lookup('./broken')).toBeUndefined();
    expect(lookup.problem!('./broken')).toMatchObject({ code: 'model/bad-config', details: { file: 'config.json' } });
    expect(lookup.problem!('zoo/nothing')).toBeUndefined();
    expect(lookup.problem!('zoo/clip-shapes')).toBeUndefined();
  });

  test('the ONNX file of a reference', async () => {
    const store = makeStore();
    expect(await store.onnxFile('zoo/detect-shapes')).toBe(join(base, 'zoo', 'detect-shapes', 'model.onnx'));
    await expect(store.onnxFile('zoo/clip-shapes')).rejects.toMatchObject({
      code: 'model/missing-file',
      remedy: expect.stringContaining('onnx/text_model.onnx, onnx/vision_model.onnx'),
    });
  });
});
