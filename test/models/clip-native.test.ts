import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackendSettings } from '../../src/models/backend.ts';
import { ClipModel } from '../../src/models/clip.ts';
import { OnnxPool } from '../../src/models/onnx/pool.ts';
import type { TensorValue } from '../../src/protocol/value.ts';
import { cosine } from './cosine.ts';
import { scalarSafetensors } from './tiny-clip.ts';

const ZOO = join(import.meta.dirname, '..', '..', 'models', 'zoo', 'clip-shapes');
const TEXTS = [
  'a red circle',
  'two small blue squares left of a green star',
  'a heart',
  'three crosses on a dark background',
];
/** Of a checkpoint without ONNX files. */
const noPool = { session: () => Promise.reject(new Error('not asked')) };
let folder: string;
let pool: OnnxPool;
let native: ClipModel;

const load = (place: string, settings: BackendSettings = {}, sessions: Pick<OnnxPool, 'session'> = noPool) =>
  ClipModel.load(place, sessions, { ref: 'test/clip', space: 'clip#1' }, settings);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-clip-native-'));
  pool = new OnnxPool({ workers: 1, threads: 1 });
  native = await load(ZOO);
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

function picture(seed: number, side = 64): TensorValue {
  const data = Float32Array.from({ length: 3 * side * side }, (_, index) =>
    Math.sin(seed + 0.013 * index * (seed + 1)),
  );
  return { kind: 'Tensor', dtype: 'float32', shape: [3, side, side], data };
}

describe('a CLIP model in the native backend', () => {
  test('is what a folder with safetensors gives by default', () => {
    expect(native.dim).toBe(256);
    expect(native.logitScale).toBeGreaterThan(1);
  });

  test('embeds as ONNX Runtime does, pictures and texts', async () => {
    const onnx = await load(ZOO, { backend: 'onnx' }, pool);
    expect(native.logitScale).toBeCloseTo(onnx.logitScale, 6);
    const pictures = [picture(1), picture(2), picture(3)];
    const pairs = [
      [await native.encodeImages(pictures), await onnx.encodeImages(pictures)],
      [await native.encodeTexts(TEXTS), await onnx.encodeTexts(TEXTS)],
    ] as const;
    for (const [ours, theirs] of pairs) {
      for (const [index, row] of ours.entries()) {
        expect(row.length).toBe(256);
        expect(cosine(row, theirs[index]!)).toBeGreaterThan(0.999999);
        expect(Math.hypot(...row) / Math.hypot(...theirs[index]!)).toBeCloseTo(1, 4);
      }
    }
  });

  test('embeds the same alone and among more than fit one run, each into its own memory', async () => {
    const many = Array.from({ length: 37 }, (_, index) => picture(index));
    const all = await native.encodeImages(many);
    expect(all[0]!.buffer.byteLength).toBe(4 * 256);
    const [alone] = await native.encodeImages([many[20]!]);
    expect(cosine(alone!, all[20]!)).toBeGreaterThan(0.9999999);
    const texts = Array.from({ length: 70 }, (_, index) => TEXTS[index % 4]!);
    const rows = await native.encodeTexts(texts);
    expect(cosine(rows[1]!, rows[69]!)).toBeGreaterThan(0.9999999);
    expect(await native.encodeImages([])).toEqual([]);
    expect(await native.encodeTexts([])).toEqual([]);
  });

  test('cuts texts at the number of positions', async () => {
    const long = 'a red circle and '.repeat(30);
    const [row] = await native.encodeTexts([long]);
    expect(row!.every(Number.isFinite)).toBe(true);
  });

  test.each([
    ['bf16', 0.9999],
    ['int8', 0.995],
  ] as const)('keeps the direction of embeddings in %s', async (precision, least) => {
    const model = await load(ZOO, { precision });
    const [ours, full] = [await model.encodeImages([picture(4)]), await native.encodeImages([picture(4)])];
    expect(cosine(ours[0]!, full[0]!)).toBeGreaterThan(least);
    expect(ours[0]).not.toEqual(full[0]);
  });

  test('refuses pictures of another size or of several, naming both', async () => {
    await expect(native.encodeImages([picture(1, 32)])).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { expected: 'float32 [batch x 3 x 64 x 64]', received: '[1 x 3 x 32 x 32]' },
    });
    await expect(native.encodeImages([picture(1), picture(1, 32)])).rejects.toMatchObject({ code: 'model/bad-input' });
    const bytes: TensorValue = { kind: 'Tensor', dtype: 'uint8', shape: [3, 64, 64], data: new Uint8Array(12_288) };
    await expect(native.encodeImages([bytes])).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { received: 'uint8 [3 x 64 x 64]' },
    });
  });

  test('stops when aborted', async () => {
    const signal = AbortSignal.abort();
    await expect(native.encodeImages([picture(1)], { signal })).rejects.toMatchObject({ code: 'run/cancelled' });
    await expect(native.encodeTexts(TEXTS, { signal })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('the choice of a backend', () => {
  test('needs no ONNX files for the native one', async () => {
    const place = join(folder, 'weights-only');
    await cp(ZOO, place, { recursive: true, filter: (source) => !source.endsWith('onnx') });
    expect((await load(place)).dim).toBe(256);
    await expect(load(place, { backend: 'onnx' }, pool)).rejects.toMatchObject({
      code: 'model/missing-file',
      details: { file: 'onnx/vision_model.onnx' },
    });
  });

  test('falls to ONNX Runtime without safetensors, which then has no choice of precision', async () => {
    const place = join(folder, 'onnx-only');
    await cp(ZOO, place, { recursive: true, filter: (source) => !source.endsWith('.safetensors') });
    expect((await load(place, {}, pool)).dim).toBe(256);
    await expect(load(place, { backend: 'native' })).rejects.toMatchObject({ code: 'model/missing-file' });
    await expect(load(place, { precision: 'int8' }, pool)).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('ONNX files with precision int8'),
    });
  });

  test('falls to ONNX Runtime where the safetensors hold nothing but the temperature', async () => {
    const place = join(folder, 'temperature-only');
    await cp(ZOO, place, { recursive: true });
    await writeFile(join(place, 'model.safetensors'), scalarSafetensors('logit_scale', Math.log(7)));
    const model = await load(place, {}, pool);
    expect(model.logitScale).toBeCloseTo(7, 5);
    expect(
      cosine((await model.encodeImages([picture(1)]))[0]!, (await native.encodeImages([picture(1)]))[0]!),
    ).toBeCloseTo(1, 5);
    await expect(load(place, { backend: 'native' })).rejects.toMatchObject({ code: 'model/bad-weights' });
  });

  test('reads the ONNX files of the dtype, which the native backend does not have', async () => {
    const place = join(folder, 'dtypes');
    await cp(ZOO, place, { recursive: true });
    for (const tower of ['vision', 'text']) {
      await rename(join(place, 'onnx', `${tower}_model.onnx`), join(place, 'onnx', `${tower}_model_quantized.onnx`));
    }
    expect((await load(place, { backend: 'onnx', dtype: 'q8' }, pool)).dim).toBe(256);
    await expect(load(place, { backend: 'onnx', dtype: 'fp32' }, pool)).rejects.toMatchObject({
      code: 'model/missing-file',
    });
    await expect(load(place, { backend: 'native', dtype: 'q8' })).rejects.toMatchObject({ code: 'model/unsupported' });
  });

  test('does not hide that the weights are damaged', async () => {
    const place = join(folder, 'damaged');
    await cp(ZOO, place, { recursive: true });
    await writeFile(join(place, 'model.safetensors'), Buffer.from([255, 255, 255, 255, 0, 0, 0, 0, 1, 2]));
    await expect(load(place, {}, pool)).rejects.toMatchObject({ code: 'model/bad-weights' });
  });
});
