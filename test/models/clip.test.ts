import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClipModel } from '../../src/models/clip.ts';
import { OnnxPool } from '../../src/models/onnx/pool.ts';
import type { TensorValue } from '../../src/protocol/value.ts';
import { storeTensors, words } from '../native/safetensors-bytes.ts';
import { scalarSafetensors, writeTinyClip } from './tiny-clip.ts';

const IDENTITY = { ref: 'test/tiny', space: 'tiny#00000000' };
let folder: string;
let pool: OnnxPool;
let clip: ClipModel;
/** The tiny model's weights hold the temperature alone. */
const load = (place: string) => ClipModel.load(place, pool, IDENTITY, { backend: 'onnx' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-clip-'));
  pool = new OnnxPool({ workers: 1, threads: 1 });
  await writeTinyClip(join(folder, 'tiny'));
  clip = await load(join(folder, 'tiny'));
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

function picture(red: number, blue: number, shape = [3, 2, 2]): TensorValue {
  const data = Float32Array.from([red, red, red, red, 0, 0, 0, 0, blue, blue, blue, blue]);
  return { kind: 'Tensor', dtype: 'float32', shape, data };
}

describe('a CLIP model in ONNX Runtime', () => {
  test('knows its space, width and temperature', () => {
    expect(clip.space).toBe(IDENTITY.space);
    expect(clip.dim).toBe(2);
    expect(clip.logitScale).toBeCloseTo(50, 4);
  });

  test('embeds pictures, each into its own memory, and leaves the inputs alone', async () => {
    const inputs = [picture(1, 2), picture(3, 4)];
    const embeddings = await clip.encodeImages(inputs);
    expect(embeddings).toEqual([Float32Array.from([4, 8]), Float32Array.from([12, 16])]);
    expect(embeddings[0]!.buffer.byteLength).toBe(8);
    expect(inputs[0]!.data.length).toBe(12);
  });

  test('embeds more pictures than fit one run', async () => {
    const embeddings = await clip.encodeImages(Array.from({ length: 37 }, (_, index) => picture(index, 0)));
    expect(embeddings.map((embedding) => embedding[0])).toEqual(Array.from({ length: 37 }, (_, index) => index * 4));
  });

  test('embeds texts of different lengths; padding changes nothing', async () => {
    const [red, both] = await clip.encodeTexts(['red', 'red blue blue']);
    expect(red).toEqual(Float32Array.from([11, 10]));
    expect(both).toEqual(Float32Array.from([11, 12]));
  });

  test('cuts texts at the number of positions, keeping the end token', async () => {
    // Five positions: <s>, three words, </s>.
    const [cut] = await clip.encodeTexts(['red red red red red red']);
    expect(cut).toEqual(Float32Array.from([13, 10]));
  });

  test('nothing in, nothing out', async () => {
    expect(await clip.encodeImages([])).toEqual([]);
    expect(await clip.encodeTexts([])).toEqual([]);
  });

  test('refuses pictures of another size, naming both', async () => {
    const wrong = { ...picture(1, 1), shape: [3, 4, 1] };
    await expect(clip.encodeImages([wrong])).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { expected: 'float32 [batch x 3 x 2 x 2]', received: 'float32 [1 x 3 x 4 x 1]' },
    });
    await expect(clip.encodeImages([picture(1, 1), wrong])).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  test('its processor makes tensors of its size', () => {
    expect(clip.processor.fixedSize).toEqual({ width: 2, height: 2 });
  });
});

describe('loading', () => {
  test('an export that fixes the batch to one, or to more than there are pictures', async () => {
    for (const visionBatch of [1, 4]) {
      const place = join(folder, `fixed-${visionBatch}`);
      await writeTinyClip(place, { visionBatch });
      const model = await load(place);
      const embeddings = await model.encodeImages([picture(1, 0), picture(2, 0), picture(3, 0)]);
      expect(embeddings.map((embedding) => embedding[0])).toEqual([4, 8, 12]);
    }
  });

  test('without weights, the temperature comes from config.json', async () => {
    const place = join(folder, 'no-weights');
    await writeTinyClip(place, { logitScale: null, config: { logit_scale_init_value: Math.log(7) } });
    expect((await load(place)).logitScale).toBeCloseTo(7, 6);
  });

  test('half-precision and sharded weights', async () => {
    const place = join(folder, 'sharded');
    await writeTinyClip(place, { logitScale: null });
    const index = { weight_map: { logit_scale: 'model-00002-of-00002.safetensors' } };
    await writeFile(join(place, 'model.safetensors.index.json'), JSON.stringify(index));
    await writeFile(join(place, 'model-00002-of-00002.safetensors'), scalarSafetensors('logit_scale', 2));
    expect((await load(place)).logitScale).toBeCloseTo(Math.exp(2), 5);

    const bytes = storeTensors({ logit_scale: words('BF16', [], [0x4040]) });
    await writeFile(join(place, 'model-00002-of-00002.safetensors'), bytes);
    expect((await load(place)).logitScale).toBeCloseTo(Math.exp(3), 5);
  });

  test.each(['config.json', 'preprocessor_config.json', 'tokenizer.json', 'onnx/text_model.onnx'])(
    'without %s',
    async (file) => {
      const place = join(folder, `without-${file.replaceAll('/', '-')}`);
      await writeTinyClip(place);
      await rm(join(place, file));
      await expect(load(place)).rejects.toMatchObject({
        code: 'model/missing-file',
        details: { file, model: 'test/tiny' },
      });
    },
  );

  test('damaged weights are told, not read past', async () => {
    const place = join(folder, 'damaged');
    await writeTinyClip(place);
    await writeFile(join(place, 'model.safetensors'), Buffer.from([255, 255, 255, 255, 0, 0, 0, 0, 1, 2]));
    await expect(load(place)).rejects.toMatchObject({
      code: 'model/bad-weights',
      details: { file: 'model.safetensors' },
    });
  });
});
