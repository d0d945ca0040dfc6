import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PullOptions, pullModel } from '../../../src/models/hub/pull.ts';
import { ModelStore } from '../../../src/models/store.ts';
import type { PullProgress } from '../../../src/protocol/application.ts';
import { gitHash, HubServer, type Proposal, sha256 } from '../hub-server.ts';

const REPO = 'openai/clip-tiny';
const weights = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, index) => (index * 31 + (index >> 8)) & 255));
const config = Buffer.from('{"model_type": "clip", "projection_dim": 2}');
const FILES = {
  'config.json': { content: config },
  'model.safetensors': { content: weights, large: true },
  'onnx/text_model.onnx': { content: 'text tower' },
  'onnx/text_model_quantized.onnx': { content: 'smaller' },
  'onnx/vision model é.onnx': { content: 'vision tower', large: true },
  'pytorch_model.bin': { content: 'a pickle', large: true },
  'flax_model.msgpack': { content: 'msgpack', large: true },
  'tf_model.h5': { content: 'hdf5', large: true },
  'tokenizer.json': { content: '{}' },
  'modules.json': { content: '[]' },
  '1_Pooling/config.json': { content: '{}' },
  '2_Dense/config.json': { content: '{}' },
  'README.md': { content: '# Model' },
};
const TAKEN = [
  '1_Pooling/config.json',
  'config.json',
  'model.safetensors',
  'modules.json',
  'onnx/text_model.onnx',
  'onnx/vision model é.onnx',
  'tokenizer.json',
];

const hub = new HubServer();
let base: string;
let cache: string;
let caches = 0;

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'weft-hub-')));
  hub.add(REPO, FILES);
  await hub.start();
});
beforeEach(() => {
  cache = join(base, `cache-${caches++}`);
  // A token or a setting of the person who runs the tests must not reach them.
  vi.stubEnv('HF_HOME', join(base, 'home'));
  vi.stubEnv('HF_TOKEN_PATH', join(base, 'home', 'token'));
  vi.stubEnv('HF_HUB_OFFLINE', '');
  vi.stubEnv('HUGGING_FACE_HUB_TOKEN', '');
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
});
afterEach(() => {
  hub.reset();
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await hub.close();
  await rm(base, { recursive: true });
});

function pull({ token = '', ...options }: PullOptions & { token?: string } = {}, repo = REPO) {
  vi.stubEnv('HF_TOKEN', token);
  return pullModel(repo, { hubFolder: cache, attempts: 4, retryDelayMilliseconds: 1, ...options });
}

function repository(): string {
  return join(cache, 'models--openai--clip-tiny');
}

function partial(): string {
  return join(repository(), 'blobs', `${sha256(weights)}.incomplete`);
}

async function hasWeights(folder: string): Promise<boolean> {
  return weights.equals(await readFile(join(folder, 'model.safetensors')));
}

async function snapshotFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('a pull', () => {
  test('takes what Weft reads, in the layout of Python’s cache', async () => {
    const pulled = await pull();
    expect(pulled.folder).toBe(join(repository(), 'snapshots', hub.commit));
    expect(await snapshotFiles(pulled.folder)).toEqual(TAKEN);
    expect(pulled.files).toBe(TAKEN.length);
    expect(await readFile(join(repository(), 'refs', 'main'), 'utf8')).toBe(hub.commit);
    expect(await readlink(join(pulled.folder, 'model.safetensors'))).toBe(join('../../blobs', sha256(weights)));
    expect(await readlink(join(pulled.folder, 'config.json'))).toBe(join('../../blobs', gitHash(config)));
    expect(await hasWeights(pulled.folder)).toBe(true);
    expect((await readdir(join(repository(), 'blobs'))).filter((name) => /\.(?:lock|incomplete)$/.test(name))).toEqual(
      [],
    );
  });

  test('makes a model that the store finds', async () => {
    await pull();
    const store = new ModelStore({ zooFolder: base, hubFolder: cache, cacheFolder: join(cache, 'weft') });
    expect((await store.list()).map(({ ref }) => ref)).toContain(REPO);
    expect(await store.info(REPO)).toMatchObject({ family: 'clip', source: 'hub', dim: 2 });
  });

  test('again asks for the list only', async () => {
    await pull();
    hub.reset();
    await pull();
    expect(hub.requests.map(({ url }) => url).filter((url) => url.includes('/resolve/'))).toEqual([]);
  });

  test('tells its progress, from nothing to all of it', async () => {
    const news: PullProgress[] = [];
    const { bytes } = await pull({ onProgress: (progress) => news.push(progress) });
    expect(news.at(-1)).toMatchObject({ fileIndex: TAKEN.length - 1, fileCount: TAKEN.length, bytesDone: bytes });
    expect(news.every(({ bytesTotal }) => bytesTotal === bytes)).toBe(true);
    const done = news.map(({ bytesDone }) => bytesDone);
    expect(done).toEqual([...done].sort((one, other) => one - other));
    expect(new Set(news.map(({ file }) => file))).toEqual(new Set(TAKEN));
  });

  test('of chosen files takes those; a pickle only by its whole name', async () => {
    const { folder } = await pull({ files: ['*.md', 'onnx/*'] });
    expect(await snapshotFiles(folder)).toEqual([
      'README.md',
      'onnx/text_model.onnx',
      'onnx/text_model_quantized.onnx',
      'onnx/vision model é.onnx',
    ]);
    expect((await pull({ files: ['pytorch_model*'] }).catch((error) => error)).code).toBe('model/missing-file');
    await pull({ files: ['pytorch_model.bin'] });
    expect(await snapshotFiles(folder)).toContain('pytorch_model.bin');
    await expect(pull({ files: ['nothing.*'] })).rejects.toMatchObject({
      code: 'model/missing-file',
      remedy: expect.stringContaining('tokenizer.json'),
    });
  });

  test('of a repository without weights that can be loaded says what it has', async () => {
    hub.add('old/model', { 'config.json': { content: '{}' }, 'pytorch_model.bin': { content: 'x', large: true } });
    await expect(pull({}, 'old/model')).rejects.toMatchObject({
      code: 'model/unsupported',
      details: {
        received: expect.stringMatching(/^pytorch_model\.bin \(.*--file pytorch_model\.bin.*weft models convert/),
      },
    });
  });

  describe('with only pickles takes the safetensors of the hub’s converter', () => {
    const pickle = { content: 'the pickle', large: true };
    const made = { content: 'the same as safetensors', large: true };
    const proposal: Proposal = {
      num: 3,
      title: 'Adding `safetensors` variant of this model',
      author: 'SFconvertbot',
      status: 'open',
      files: { 'config.json': { content: '{"old": 1}' }, 'pytorch_model.bin': pickle, 'model.safetensors': made },
    };
    const others = {
      ...proposal,
      files: { ...proposal.files, 'pytorch_model.bin': { content: 'older', large: true } },
    };

    test('beside its own files', async () => {
      hub.add('old/model', { 'config.json': { content: '{}' }, 'pytorch_model.bin': pickle });
      hub.propose('old/model', { ...proposal, num: 1, title: 'Fix the README' }, { ...others, num: 2 }, proposal);
      const { folder, conversion, files } = await pull({}, 'old/model');
      expect(await snapshotFiles(folder)).toEqual(['config.json', 'model.safetensors']);
      expect([conversion, files, folder.endsWith(hub.commit)]).toEqual(['refs/pr/3', 2, true]);
      expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe(made.content);
      expect(await readFile(join(folder, 'config.json'), 'utf8')).toBe('{}');
      // Not asked for where patterns are given, nor where there are safetensors.
      hub.reset();
      await pull({ files: ['config.json'] }, 'old/model');
      await pull();
      expect(hub.requests.filter(({ url }) => url.includes('discussions'))).toEqual([]);
    });

    test.each([
      ['of other pickles', others],
      ['of another author', { ...proposal, author: 'somebody' }],
      ['that is closed', { ...proposal, status: 'closed' as const }],
      ['without safetensors', { ...proposal, files: { 'pytorch_model.bin': pickle } }],
    ])('but none %s', async (_, given) => {
      hub.add('old/model', { 'config.json': { content: '{}' }, 'pytorch_model.bin': pickle });
      hub.propose('old/model', given);
      await expect(pull({}, 'old/model')).rejects.toMatchObject({
        code: 'model/unsupported',
        details: { received: expect.stringContaining('weft models convert') },
      });
    });
  });

  test('checks a large file in a thread', async () => {
    const content = Buffer.alloc(1_500_000, 'large');
    hub.add('large/model', { 'model.safetensors': { content, large: true } });
    const { folder } = await pull({}, 'large/model');
    expect(content.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
    hub.add('large/model', { 'model.safetensors': { content: Buffer.alloc(1_500_000, 'other'), large: true } });
    hub.misbehaviour = { corrupt: () => content };
    await expect(pull({}, 'large/model')).rejects.toMatchObject({
      code: 'model/checksum',
      details: { received: sha256(content) },
    });
  });

  test('by commit writes no reference', async () => {
    const { folder } = await pull({ revision: hub.commit });
    expect(folder.endsWith(hub.commit)).toBe(true);
    expect(existsSync(join(repository(), 'refs'))).toBe(false);
  });
});

describe('a connection that is cut', () => {
  test('is taken up where it broke, again and again', async () => {
    hub.misbehaviour = { cutAfter: 70_000, cuts: 100 };
    const { folder } = await pull();
    expect(await hasWeights(folder)).toBe(true);
    const ranges = hub.requests.filter(({ url, origin }) => origin === 'cdn' && url.endsWith('safetensors'));
    expect(ranges.length).toBeGreaterThan(5);
    expect(ranges[0]?.range).toBeUndefined();
    const starts = ranges.slice(1).map(({ range }) => Number(/bytes=(\d+)-/.exec(range ?? '')?.[1]));
    expect(starts.every((start, index) => start > (starts[index - 1] ?? 0))).toBe(true);
  });

  test('too often ends in an error, keeps what came, and the next pull goes on from there', async () => {
    hub.misbehaviour = { cutAfter: 250_000, cuts: 1 };
    await expect(pull({ attempts: 1 })).rejects.toMatchObject({ code: 'model/download-failed', status: 502 });
    const kept = (await stat(partial())).size;
    expect(kept).toBeGreaterThan(0);
    expect(existsSync(join(repository(), 'refs', 'main')), 'nothing names an unfinished commit').toBe(false);
    hub.reset();
    const { folder } = await pull();
    expect(await hasWeights(folder)).toBe(true);
    expect(hub.requests.find(({ url, origin }) => origin === 'cdn' && url.endsWith('safetensors'))?.range).toBe(
      `bytes=${kept}-`,
    );
  });

  test('where the server does not continue, the file starts again', async () => {
    await mkdir(join(repository(), 'blobs'), { recursive: true });
    await writeFile(partial(), weights.subarray(0, 1000));
    hub.misbehaviour = { ignoreRange: true };
    const { folder } = await pull();
    expect(await hasWeights(folder)).toBe(true);
  });

  test('a busy server is asked again', async () => {
    hub.misbehaviour = { unavailable: 2, tooMany: 2 };
    expect((await pull()).files).toBe(TAKEN.length);
  });

  test('a server that falls silent counts as cut', async () => {
    hub.misbehaviour = { silent: true };
    await expect(pull({ attempts: 2, idleMilliseconds: 30 })).rejects.toMatchObject({
      code: 'model/download-failed',
      message: expect.stringContaining('nothing came'),
    });
  });

  test('no server at all', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    await expect(pull({ attempts: 2 })).rejects.toMatchObject({ code: 'model/download-failed' });
  });
});

describe('wrong bytes', () => {
  test('are discarded, with both checksums told', async () => {
    const wrong = Buffer.from(weights);
    wrong[123_456]! ^= 1;
    hub.misbehaviour = { corrupt: (content) => (content.equals(weights) ? wrong : content) };
    await expect(pull()).rejects.toMatchObject({
      code: 'model/checksum',
      details: { file: 'model.safetensors', expected: sha256(weights), received: sha256(wrong) },
    });
    expect(existsSync(partial())).toBe(false);
    expect(existsSync(join(repository(), 'blobs', sha256(weights)))).toBe(false);
    expect(existsSync(join(repository(), 'refs', 'main'))).toBe(false);
  });

  test('left by an earlier process are replaced', async () => {
    await mkdir(join(repository(), 'blobs'), { recursive: true });
    await writeFile(partial(), Buffer.alloc(500_000, 7));
    const { folder } = await pull();
    expect(await hasWeights(folder)).toBe(true);
  });

  test('more bytes than announced stop the download', async () => {
    hub.misbehaviour = { corrupt: (content) => Buffer.concat([content, content]) };
    await expect(pull()).rejects.toMatchObject({ code: 'model/download-failed' });
    expect((await stat(partial())).size).toBeLessThanOrEqual(weights.length);
  });
});

describe('access', () => {
  test('the token goes to the hub, never to where it redirects', async () => {
    hub.requiredToken = 'secret-token';
    await pull({ token: 'secret-token' });
    const [hubRequests, cdnRequests] = ['hub', 'cdn'].map((origin) =>
      hub.requests.filter((one) => one.origin === origin),
    );
    expect(hubRequests?.every(({ authorization }) => authorization === 'Bearer secret-token')).toBe(true);
    expect(cdnRequests?.length).toBeGreaterThan(0);
    expect(cdnRequests?.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test.each([
    [401, undefined, 'no such repository, or it needs a token'],
    [401, 'wrong', 'the token is not valid'],
    [403, 'weak', 'the token has no access to it'],
    [404, undefined, 'no such repository'],
  ])('%i with token %s is model/no-access', async (status, token, reason) => {
    hub.misbehaviour = { status };
    await expect(pull(token === undefined ? {} : { token })).rejects.toMatchObject({
      code: 'model/no-access',
      details: { reason },
    });
  });

  test('a revision that is not there', async () => {
    await expect(pull({ revision: 'v9' })).rejects.toMatchObject({
      code: 'model/no-access',
      details: { reason: 'no such repository or revision "v9"' },
    });
  });

  test.each(['../../escape.json', '/etc/passwd', 'a/../../b.json', 'a\\..\\b.json', 'C:config.json', ''])(
    'a hub that calls a file %j is not believed',
    async (name) => {
      hub.misbehaviour = { rename: (path) => (path === 'config.json' ? name : path) };
      await expect(pull()).rejects.toMatchObject({ code: 'model/download-failed' });
      expect(existsSync(join(cache, 'escape.json'))).toBe(false);
    },
  );

  test.each(['no such name', '../up', 'zoo/clip-shapes', 'a/b/c', 'a--b/c', 'owner/name@../x'])(
    '%s is no repository',
    async (repo) => {
      await expect(pull({}, repo)).rejects.toMatchObject({ code: 'usage/bad-argument' });
    },
  );
});

describe('cancelling', () => {
  test('stops at once and keeps what came', async () => {
    const controller = new AbortController();
    const pulling = pull({
      signal: controller.signal,
      onProgress: ({ file, bytesDone }) => {
        if (file === 'model.safetensors' && bytesDone > 100_000) controller.abort();
      },
    });
    await expect(pulling).rejects.toMatchObject({ code: 'run/cancelled' });
    expect((await stat(partial())).size).toBeGreaterThan(0);
    expect(existsSync(`${partial().replace('.incomplete', '')}.lock`)).toBe(false);
    expect((await pull()).files).toBe(TAKEN.length);
  });

  test('while it waits for another try', async () => {
    const controller = new AbortController();
    hub.misbehaviour = { unavailable: 100 };
    const pulling = pull({ signal: controller.signal, attempts: 100, retryDelayMilliseconds: 30_000 });
    setTimeout(() => controller.abort(), 50);
    await expect(pulling).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('two pulls of one model', () => {
  test('at the same time fetch each file once', async () => {
    const [one, other] = await Promise.all([pull(), pull()]);
    expect(one).toEqual(other);
    const fetched = hub.requests.filter(({ url, origin }) => origin === 'cdn' && url.endsWith('safetensors'));
    expect(fetched.length).toBe(1);
  });

  test('a lock whose holder died is taken', async () => {
    await mkdir(join(repository(), 'blobs'), { recursive: true });
    const lock = join(repository(), 'blobs', `${sha256(weights)}.lock`);
    await writeFile(lock, '');
    await utimes(lock, new Date(), new Date(Date.now() - 60_000));
    expect((await pull()).files).toBe(TAKEN.length);
  });
});

test('HF_HUB_OFFLINE forbids it', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  await expect(pull()).rejects.toMatchObject({
    code: 'model/download-failed',
    message: expect.stringContaining('HF_HUB_OFFLINE'),
  });
  expect(hub.requests).toEqual([]);
});

test('a cache that cannot be written is told by its folder', async () => {
  await writeFile(cache, 'a file where the folder should be');
  await expect(pull()).rejects.toMatchObject({ code: 'input/not-writable', details: { path: cache } });
});

describe('Python’s huggingface_hub', () => {
  const python = process.env.WEFT_TEST_PYTHON;
  if (python === undefined) {
    console.log(
      'skipped: reading the cache with Python, because WEFT_TEST_PYTHON names no Python with huggingface_hub',
    );
  }

  test.skipIf(python === undefined)(
    'finds what was pulled, and fetches none of it again',
    { timeout: 60_000 },
    async () => {
      const { folder } = await pull();
      hub.reset();
      const script = `
import json
from huggingface_hub import snapshot_download, hf_hub_download, scan_cache_dir
offline = snapshot_download(${JSON.stringify(REPO)}, local_files_only=True)
file = hf_hub_download(${JSON.stringify(REPO)}, "model.safetensors", local_files_only=True)
online = snapshot_download(${JSON.stringify(REPO)}, allow_patterns=["*.json", "*.safetensors", "onnx/text_model.onnx"])
report = scan_cache_dir()
print(json.dumps({"offline": offline, "file": file, "online": online,
  "warnings": [str(w) for w in report.warnings], "repos": [r.repo_id for r in report.repos]}))`;
      const environment = {
        ...process.env,
        HF_ENDPOINT: hub.endpoint,
        HF_HUB_CACHE: cache,
        HF_HUB_DISABLE_PROGRESS_BARS: '1',
        HF_HUB_DISABLE_TELEMETRY: '1',
      };
      const { stdout } = await promisify(execFile)(python!, ['-c', script], { env: environment });
      expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual({
        offline: folder,
        file: join(folder, 'model.safetensors'),
        online: folder,
        warnings: [],
        repos: [REPO],
      });
      expect(hub.requests.filter(({ origin, method }) => origin === 'cdn' && method === 'GET')).toEqual([]);
    },
  );
});
