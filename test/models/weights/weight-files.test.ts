import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import { WeightFiles } from '../../../src/models/weights/weight-files.ts';
import { f32, storeTensors } from '../../native/safetensors-bytes.ts';

const base = mkdtempSync(join(tmpdir(), 'weft-weight-files-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function folderOf(files: Readonly<Record<string, Uint8Array | object>>): string {
  const folder = mkdtempSync(join(base, 'model-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return folder;
}

const open = (folder: string): Promise<WeightFiles> => WeightFiles.open(folder, { model: 'tiny' });

async function failureOf(folder: string): Promise<WeftError> {
  const error = await open(folder).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WeftError);
  return error as WeftError;
}

const INDEX = 'model.safetensors.index.json';
const [FIRST, SECOND] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const first = storeTensors({ a: f32([1], [1]), b: f32([2], [2, 3]) });
const second = storeTensors({ c: f32([1], [4]) });

describe('the weights of a folder', () => {
  it('are one file', async () => {
    const weights = await open(
      folderOf({ 'model.safetensors': first, [INDEX]: { weight_map: { z: 'gone.safetensors' } } }),
    );
    expect(weights.label).toBe('model.safetensors');
    expect([...weights.tensors.keys()]).toEqual(['a', 'b']);
    weights.close();
  });

  it('are shards with an index', async () => {
    const weight_map = { a: FIRST, b: FIRST, c: SECOND };
    const weights = await open(folderOf({ [FIRST]: first, [SECOND]: second, [INDEX]: { weight_map } }));
    expect([...weights.tensors.keys()].sort()).toEqual(['a', 'b', 'c']);
    const { file } = weights.tensors.get('c')!;
    expect(await file.readFloats('c')).toEqual(Float32Array.of(4));
    expect(weights.files).toHaveLength(2);
    weights.close();
    await expect(file.readFloats('c')).rejects.toThrow(/released/);
  });

  it('may hold more than the index lists, as for transformers', async () => {
    const weights = await open(folderOf({ [FIRST]: first, [INDEX]: { weight_map: { a: FIRST } } }));
    expect(weights.tensors.has('b')).toBe(true);
    weights.close();
  });

  const refused: [string, Readonly<Record<string, Uint8Array | object>>, string, RegExp][] = [
    [
      'no weights',
      { 'config.json': {} },
      'model/missing-file',
      /model\.safetensors or model\.safetensors\.index\.json/,
    ],
    [
      'a malformed file',
      { 'model.safetensors': first.subarray(0, 60) },
      'model/bad-weights',
      /its header claims \d+ bytes/,
    ],
    ['an index without a map', { [INDEX]: { metadata: {} } }, 'model/bad-weights', /no "weight_map"/],
    ['an index that is a list', { [INDEX]: [] }, 'model/bad-config', /a JSON object/],
    ['an empty map', { [INDEX]: { weight_map: {} } }, 'model/bad-weights', /no "weight_map"/],
    [
      'a missing shard',
      { [FIRST]: first, [INDEX]: { weight_map: { a: FIRST, c: SECOND } } },
      'model/bad-weights',
      /in model-00002-of-00002\.safetensors of model "tiny", but it does not exist/,
    ],
    [
      'a name that is in no shard',
      { [FIRST]: first, [INDEX]: { weight_map: { a: FIRST, d: FIRST } } },
      'model/bad-weights',
      /it places tensor "d" in model-00001\S+, but no shard holds it/,
    ],
    [
      'a name that is in another shard',
      { [FIRST]: first, [SECOND]: second, [INDEX]: { weight_map: { a: FIRST, c: FIRST, b: SECOND } } },
      'model/bad-weights',
      /"c" in model-00001\S+, but it is in model-00002/,
    ],
    [
      'a name that is in two shards',
      { [FIRST]: first, [SECOND]: first, [INDEX]: { weight_map: { a: FIRST, b: SECOND } } },
      'model/bad-weights',
      /tensor "a" is in both model-00001\S+ and model-00002/,
    ],
    ...[
      '../model.safetensors',
      '/etc/passwd.safetensors',
      'a/b.safetensors',
      'a\\b.safetensors',
      '..safetensors',
      'x.bin',
      7,
    ].map((shard): [string, Readonly<Record<string, object>>, string, RegExp] => [
      `a shard called ${JSON.stringify(shard)}`,
      { [INDEX]: { weight_map: { a: shard } } },
      'model/bad-weights',
      /which is no file name of a shard in the same folder/,
    ]),
  ];
  it.each(refused)('are refused: %s', async (_, files, code, message) => {
    const error = await failureOf(folderOf(files));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('are not looked for in folders', async () => {
    const folder = folderOf({});
    mkdirSync(join(folder, 'model.safetensors'));
    expect((await failureOf(folder)).message).toMatch(/no regular file|must not be read/);
  });
});
