/** The committed models are whole, small enough, and answer right on the committed example scenes. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { exampleRecords } from '../../tools/zoo/world/examples.ts';
import { colours, shapes } from '../../tools/zoo/world/vocabulary.ts';

const clip = 'models/zoo/clip-shapes';
const detector = 'models/zoo/detect-shapes';
const examples = 'graphs/examples';
const mebibyte = 2 ** 20;

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    names.filter((entry) => entry.isFile()).map((entry) => stat(path.join(entry.parentPath, entry.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

const json = async (...parts: string[]) => JSON.parse(await readFile(path.join(...parts), 'utf8'));

interface Preprocessing {
  size: Record<string, number>;
  image_mean: number[];
  image_std: number[];
}

/** A square picture resized by sharp, float32 [1, 3, side, side]: close to the models' own preprocessing. */
async function pixelsOf(file: string, side: number, { image_mean, image_std }: Preprocessing): Promise<Tensor> {
  const { data } = await sharp(file)
    .resize(side, side, { kernel: 'cubic' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const values = new Float32Array(3 * side * side);
  for (let at = 0; at < side * side; at++) {
    for (let c = 0; c < 3; c++)
      values[c * side * side + at] = (data[at * 3 + c]! / 255 - image_mean[c]!) / image_std[c]!;
  }
  return new Tensor('float32', values, [1, 3, side, side]);
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('example scenes', () => {
  it('are the pictures and the truth that the generator gives for their seeds', async () => {
    const records = await json(examples, 'scenes.json');
    expect(records).toEqual(JSON.parse(JSON.stringify(exampleRecords())));
    for (const { file_name } of records) {
      const { width, height, format } = await sharp(path.join(examples, file_name)).metadata();
      expect([width, height, format]).toEqual([256, 256, 'png']);
    }
  });
});

describe('clip-shapes', () => {
  let tokenizer: Tokenizer;
  let text: InferenceSession;
  let vision: InferenceSession;

  beforeAll(async () => {
    tokenizer = new Tokenizer(await json(clip, 'tokenizer.json'), await json(clip, 'tokenizer_config.json'));
    text = await InferenceSession.create(path.join(clip, 'onnx/text_model.onnx'));
    vision = await InferenceSession.create(path.join(clip, 'onnx/vision_model.onnx'));
  });

  const embedText = async (sentence: string): Promise<Float32Array> => {
    const ids = tokenizer.encode(sentence).ids;
    const feed = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    return unit((await text.run({ input_ids: feed })).text_embeds!.data as Float32Array);
  };
  const embedPicture = async (file: string): Promise<Float32Array> => {
    const preprocessing: Preprocessing = await json(clip, 'preprocessor_config.json');
    const pixels = await pixelsOf(file, preprocessing.size.shortest_edge!, preprocessing);
    return unit((await vision.run({ pixel_values: pixels })).image_embeds!.data as Float32Array);
  };

  it('has every file of a Hugging Face folder, within 16 MiB', async () => {
    const names = await readdir(clip, { recursive: true });
    for (const name of [
      'README.md',
      'config.json',
      'model.safetensors',
      'onnx/text_model.onnx',
      'onnx/vision_model.onnx',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]) {
      expect(names).toContain(path.normalize(name));
    }
    expect(await bytesIn(clip)).toBeLessThanOrEqual(16 * mebibyte);
  });

  it('agrees with itself: sizes in the config, the preprocessing, the tokenizer and the weights', async () => {
    const config = await json(clip, 'config.json');
    const preprocessing = await json(clip, 'preprocessor_config.json');
    expect(config.architectures).toEqual(['CLIPModel']);
    expect(preprocessing.size.shortest_edge).toBe(config.vision_config.image_size);
    expect(preprocessing.crop_size.height).toBe(config.vision_config.image_size);
    expect(config.text_config.eos_token_id).toBe(tokenizer.token_to_id('<|endoftext|>'));
    expect(config.text_config.bos_token_id).toBe(tokenizer.token_to_id('<|startoftext|>'));
    const weights = await NativeWeightFile.open(path.join(clip, 'model.safetensors'));
    expect(weights.tensors.get('text_model.embeddings.token_embedding.weight')).toMatchObject({
      dtype: 'F16',
      shape: [config.text_config.vocab_size, config.text_config.hidden_size],
    });
    expect(weights.tensors.get('visual_projection.weight')!.shape[0]).toBe(config.projection_dim);
    weights.close();
  });

  it('has a tokenizer that keeps every word of the world whole and still spells any other', () => {
    for (const word of [...shapes, ...colours, 'striped', 'small', 'background', 'above']) {
      expect(tokenizer.encode(word).ids, word).toHaveLength(3);
    }
    expect(tokenizer.encode('zebra').ids.length).toBeGreaterThan(3);
    expect(tokenizer.encode('A RED circle').ids).toEqual(tokenizer.encode('a red circle').ids);
  });

  it('gives the same text embedding alone and padded in a batch', async () => {
    const alone = await embedText('a red circle');
    const ids = tokenizer.encode('a red circle').ids;
    const end = ids.at(-1)!;
    const padded = [...ids, end, end, end, end];
    const feed = new Tensor('int64', BigInt64Array.from([...padded, ...padded], BigInt), [2, padded.length]);
    const both = (await text.run({ input_ids: feed })).text_embeds!;
    const width = both.dims[1]!;
    const second = unit((both.data as Float32Array).slice(width));
    expect(dot(alone, second)).toBeGreaterThan(0.99999);
  });

  it('puts the true label of a single-object example before every other colour and shape', async () => {
    const picture = await embedPicture(path.join(examples, 'scene-1.png'));
    const [record] = exampleRecords();
    const { colour, shape } = record!.objects[0]!;
    expect([colour, shape]).toEqual(['red', 'ring']);
    const right = dot(picture, await embedText('a photo of a red ring'));
    for (const other of colours.filter((name) => name !== colour)) {
      expect(
        dot(picture, await embedText(`a photo of ${other === 'orange' ? 'an' : 'a'} ${other} ring`)),
        other,
      ).toBeLessThan(right);
    }
    for (const other of shapes.filter((name) => name !== shape)) {
      expect(dot(picture, await embedText(`a photo of a red ${other}`)), other).toBeLessThan(right);
    }
  });

  it('finds the complete caption of each example among those of all', async () => {
    const records = exampleRecords();
    const texts = await Promise.all(records.map(({ captions }) => embedText(captions[0]!)));
    for (const [i, { file_name }] of records.entries()) {
      const picture = await embedPicture(path.join(examples, file_name));
      const scores = texts.map((one) => dot(picture, one));
      expect(scores.indexOf(Math.max(...scores)), file_name).toBe(i);
    }
  });
});

describe('detect-shapes', () => {
  it('is within 2 MiB and names the shapes', async () => {
    expect((await stat(path.join(detector, 'model.onnx'))).size).toBeLessThanOrEqual(2 * mebibyte);
    const config = await json(detector, 'config.json');
    expect(Object.values(config.id2label)).toEqual([...shapes]);
    expect(config.weft_detection).toMatchObject({
      box: 'cxcywh',
      normalized: false,
      objectness: true,
      activation: 'none',
    });
  });

  it('finds each object of the examples with its best row, and puts no confident row elsewhere', async () => {
    const session = await InferenceSession.create(path.join(detector, 'model.onnx'));
    const preprocessing: Preprocessing = await json(detector, 'preprocessor_config.json');
    const side = preprocessing.size.width!;
    for (const { file_name, objects } of exampleRecords()) {
      const pixels = await pixelsOf(path.join(examples, file_name), side, preprocessing);
      const { dims, data } = (await session.run({ pixel_values: pixels })).detections!;
      expect(dims).toEqual([1, 256, 5 + shapes.length]);
      const rows = Array.from({ length: 256 }, (_, i) =>
        Array.from((data as Float32Array).slice(i * 15, (i + 1) * 15)),
      );
      const sure = rows.filter((row) => row[4]! > 0.5);
      for (const { shape, box } of objects) {
        const [x, y, width, height] = box.map((value) => value * side) as [number, number, number, number];
        const own = sure.filter(
          (row) => Math.abs(row[0]! - x - width / 2) < width / 3 && Math.abs(row[1]! - y - height / 2) < height / 3,
        );
        expect(own.length, `${shape} of ${file_name}`).toBeGreaterThan(0);
        const best = own.reduce((a, b) => (b[4]! > a[4]! ? b : a));
        const classes = best.slice(5);
        expect(shapes[classes.indexOf(Math.max(...classes))], file_name).toBe(shape);
        expect(Math.abs(best[2]! - width) / width).toBeLessThan(0.3);
        expect(Math.abs(best[3]! - height) / height).toBeLessThan(0.3);
      }
      const inside = sure.every((row) =>
        objects.some(({ box: [x = 0, y = 0, w = 0, h = 0] }) => {
          const [px, py] = [row[0]! / side, row[1]! / side];
          return px > x && px < x + w && py > y && py < y + h;
        }),
      );
      expect(inside, file_name).toBe(true);
    }
  });
});
