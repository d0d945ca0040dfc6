import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OnnxPool } from '../../../src/models/onnx/pool.ts';
import { load } from '../../../src/models/pipelines/load.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { type BackendCase, bothBackends, expectSame, square, WORDS } from './both-backends.ts';
import { toOnnxFolder } from './onnx-folder.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const pool = new OnnxPool({ workers: 1, maxSessions: 3, threads: 1 });
afterAll(() => pool.close());

const image = drawnImage(3);
const classify = (tasks: Required<Tasks>) => tasks['image-classification']({ image });
const choose = (tasks: Required<Tasks>) =>
  tasks['zero-shot-image-classification']({ image, labels: ['red', 'blue circle', 'circle'], template: '{}' });

describe('ONNX files answer as the same weights do natively', () => {
  it.each<[string, BackendCase]>([
    ['ViT', { fixture: 'vit', processor: square('ViTImageProcessor', 32), run: classify }],
    ['Swin', { fixture: 'swin_classifier', processor: square('ViTImageProcessor', 24), run: classify }],
    ['BERT classifies', { fixture: 'bert_sst2', run: (tasks) => tasks['text-classification']({ text: 'red circle' }) }],
    [
      'RoBERTa classifies',
      { fixture: 'roberta_classifier', run: (tasks) => tasks['text-classification']({ text: 'red circle' }) },
    ],
    [
      'DistilBERT fills masks',
      { fixture: 'distilbert_masked', run: (tasks) => tasks['fill-mask']({ text: 'red [MASK] circle' }) },
    ],
    [
      'DistilBERT makes rows of texts',
      {
        fixture: 'distilbert_model',
        run: (tasks) => tasks['text-feature-extraction']({ texts: ['red', 'blue red circle'] }),
      },
    ],
    [
      'DINOv2 makes rows of pictures',
      {
        fixture: 'dinov2_options',
        processor: square('ViTImageProcessor', 28),
        run: (tasks) => tasks['image-feature-extraction']({ images: [image, drawnImage(5)] }),
      },
    ],
    ['CLIP', { fixture: 'clip_options', processor: square('ViTImageProcessor', 30), run: choose }],
    ['SigLIP', { fixture: 'siglip_options', processor: square('SiglipImageProcessor', 30), run: choose }],
    ['Chinese-CLIP', { fixture: 'chinese_clip_options', processor: square('ViTImageProcessor', 30), run: choose }],
    [
      'OWL-ViT',
      {
        fixture: 'owlvit_options',
        processor: square('OwlViTImageProcessor', 26),
        run: (tasks) => tasks['zero-shot-object-detection']({ image, labels: ['red', 'blue circle'], threshold: 0 }),
      },
    ],
    [
      'CLIPSeg',
      {
        fixture: 'clipseg_options',
        processor: square('ViTImageProcessor', 24),
        run: (tasks) => tasks['zero-shot-image-segmentation']({ image, labels: ['red', 'blue circle'] }),
      },
    ],
  ])('%s', async (_, one) => {
    expectSame(await bothBackends(one, { pool }));
  });
});

describe('models of two towers', () => {
  const pictures = square('ViTImageProcessor', 30);
  const embed = async (tasks: Required<Tasks>) => [
    ...(await tasks['image-feature-extraction']({ images: [image, drawnImage(5)] })),
    ...(await tasks['text-feature-extraction']({ texts: ['red', 'blue red circle'] })),
  ];
  const unit = (rows: readonly Float32Array[]) => rows.map((row) => row.map((value) => value / Math.hypot(...row)));

  it.each(['clip_options', 'siglip_options'])('embed with the towers alone: %s', async (fixture) => {
    expectSame(await bothBackends({ fixture, processor: pictures, run: embed }, { pool }));
  });

  it('embed with the whole model, of length one', async () => {
    const only = (name: string) => name === 'model';
    const [native, onnx] = await bothBackends(
      { fixture: 'clip_options', processor: pictures, run: embed },
      { pool, only },
    );
    expectSame([unit(native as Float32Array[]), onnx]);
  });

  it.each([
    ['the whole model', ['model']],
    ['towers', ['vision_model', 'text_model']],
    ['both', ['model', 'vision_model', 'text_model']],
  ])('tell the bytes of each file once: %s', async (_, names) => {
    const folder = await taskFolder('clip_options', { words: WORDS, processor: pictures });
    const files = await toOnnxFolder(folder, (name) => names.includes(name));
    const { loaded } = await openFamily(files, { model: 'test/clip', pool });
    const sizes = names
      .flatMap((name) => [`${name}.onnx`, `${name}.onnx_data`])
      .map((file) => statSync(join(files, 'onnx', file)).size);
    expect(loaded.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    loaded.release();
  });

  it("take the configuration's temperature where only towers are there, and refuse where it has none", async () => {
    const only = (name: string) => name !== 'model';
    const open = async (fixture: string) => {
      const folder = await taskFolder(fixture, { words: WORDS, processor: pictures });
      return openFamily(await toOnnxFolder(folder, only), { model: `test/${fixture}`, pool });
    };
    const { loaded } = await open('clip_options');
    expect((await choose(loaded.tasks as Required<Tasks>)).entries).toHaveLength(3);
    expect(loaded.embedding?.logitScale).toBeGreaterThan(1);
    await expect(open('siglip_options')).rejects.toMatchObject({
      code: 'model/missing-file',
      details: { file: 'onnx/model.onnx', hint: expect.stringContaining('vision_model.onnx') },
    });
  });
});

describe('the choice of a backend', () => {
  it('is said, or follows from the files and the dtype', async () => {
    const folder = await taskFolder('distilbert_masked', { words: WORDS });
    const onnxFolder = await toOnnxFolder(folder);
    const model = 'test/choice';
    await expect(openFamily(folder, { model, pool, dtype: 'q8' })).rejects.toMatchObject({
      code: 'model/missing-file',
      details: { file: 'onnx/model_quantized.onnx' },
    });
    await expect(openFamily(onnxFolder, { model, pool, backend: 'native' })).rejects.toMatchObject({
      code: 'model/missing-file',
    });
    await expect(openFamily(onnxFolder, { model, pool, precision: 'int8' })).rejects.toMatchObject({
      code: 'model/unsupported',
    });
    await expect(openFamily(folder, { model, backend: 'native', dtype: 'fp16' })).rejects.toMatchObject({
      code: 'model/unsupported',
    });
  });

  it('is an option of load, which lists the tasks that the files can do', async () => {
    const folder = await taskFolder('owlvit_options', { words: WORDS, processor: square('OwlViTImageProcessor', 26) });
    const model = await load(await toOnnxFolder(folder), { backend: 'onnx', dtype: 'fp32', cacheFolder: folder });
    expect(model.tasks).toEqual(['zero-shot-object-detection']);
    expect(await model({ image, labels: ['red'], threshold: 0 })).toMatchObject({ kind: 'Boxes', imageWidth: 40 });
    model.release();
  });

  it('tells which families run from ONNX files', async () => {
    const folder = await taskFolder('git_tied', { words: WORDS });
    await expect(openFamily(folder, { model: 'test/git', pool, backend: 'onnx' })).rejects.toMatchObject({
      code: 'model/unsupported',
      details: { expected: expect.stringContaining('ViTForImageClassification') },
    });
  });
});
