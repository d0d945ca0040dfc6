import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoadedFamily } from '../../../src/models/pipelines/family.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { cosine } from '../cosine.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const ZOO = join(import.meta.dirname, '..', '..', '..', 'models', 'zoo', 'clip-shapes');
const WORDS = {
  '[PAD]': 0,
  '[UNK]': 1,
  '[CLS]': 2,
  '[SEP]': 3,
  red: 10,
  blue: 11,
  circle: 12,
  This: 13,
  is: 14,
  a: 15,
};
const PROCESSOR = { image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 32 } };

async function open(folder: string): Promise<LoadedFamily & { tasks: Required<Tasks> }> {
  const { loaded } = await openFamily(folder, { model: 'test/model' });
  return loaded as LoadedFamily & { tasks: Required<Tasks> };
}

describe('a model of two towers', () => {
  it('embeds each picture and each text the same alone and among more than fit one run', async () => {
    const { tasks, embedding, bytes, release } = await open(ZOO);
    expect(embedding).toEqual({ dim: 256, logitScale: expect.any(Number) });
    expect(bytes).toBeGreaterThan(1e6);
    const images = Array.from({ length: 19 }, (_, seed) => drawnImage(seed));
    const all = await tasks['image-feature-extraction']({ images });
    const [alone] = await tasks['image-feature-extraction']({ images: [images[17]!] });
    expect(all.map((row) => row.length)).toEqual(images.map(() => 256));
    expect(cosine(alone!, all[17]!)).toBeGreaterThan(0.999999);
    expect(cosine(alone!, all[3]!)).toBeLessThan(0.9999);
    const texts = Array.from({ length: 66 }, (_, index) => (index === 65 ? 'a red circle' : 'two small blue squares'));
    const rows = await tasks['text-feature-extraction']({ texts });
    const [text] = await tasks['text-feature-extraction']({ texts: ['a red circle'] });
    expect(cosine(text!, rows[65]!)).toBeGreaterThan(0.999999);
    expect(cosine(text!, rows[64]!)).toBeLessThan(0.99);
    release();
    await expect(tasks['text-feature-extraction']({ texts: ['a'] })).rejects.toMatchObject({ code: 'native/released' });
  });

  it('gives the softmax of scaled cosines, best first, of labels in its template', async () => {
    const { tasks, embedding } = await open(ZOO);
    const image = drawnImage(5);
    const labels = ['red circle', 'blue square', 'heart'];
    const [picture] = await tasks['image-feature-extraction']({ images: [image] });
    for (const template of [undefined, '{} and {}', '{}']) {
      const texts = labels.map((label) => (template ?? 'This is a photo of {}.').replaceAll('{}', label));
      const rows = await tasks['text-feature-extraction']({ texts });
      const powers = rows.map((row) => Math.exp(embedding!.logitScale! * cosine(picture!, row)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      const expected = labels
        .map((label, index) => ({ label, score: expect.closeTo(powers[index]! / total, 5), power: powers[index]! }))
        .sort((one, other) => other.power - one.power)
        .map(({ label, score }) => ({ label, score }));
      const input = template === undefined ? { image, labels } : { image, labels, template };
      const scores = await tasks['zero-shot-image-classification'](input);
      expect(scores).toEqual({ kind: 'Scores', entries: expected, normalized: true, subject: 'picture-5.png' });
    }
  });

  it('refuses no labels and templates without a place for them', async () => {
    const { tasks } = await open(ZOO);
    const classify = tasks['zero-shot-image-classification'];
    await expect(classify({ image: drawnImage(1), labels: [] })).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { input: 'labels', received: 'none' },
    });
    const failing = classify({ image: drawnImage(1), labels: ['cat'], template: 'a photo' });
    await expect(failing).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('a text with {} in it for its input "template", received "a photo"'),
    });
  });

  it('stops when aborted', async () => {
    const { tasks } = await open(ZOO);
    const options = { signal: AbortSignal.abort() };
    const images = [drawnImage(1)];
    await expect(tasks['image-feature-extraction']({ images }, options)).rejects.toMatchObject({
      code: 'run/cancelled',
    });
    await expect(tasks['text-feature-extraction']({ texts: ['a'] }, options)).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});

describe.each([
  ['align_options', 12],
  ['chinese_clip', 16],
  ['dual_clip_bert', 16],
])('%s', (fixture, positions) => {
  it('hides padding from its tower of texts, and cuts what is too long', async () => {
    const { tasks } = await open(await taskFolder(fixture, { words: WORDS, processor: PROCESSOR }));
    const embed = tasks['text-feature-extraction'];
    const long = 'red blue circle '.repeat(20);
    const [short, , cut] = await embed({ texts: ['red circle', 'blue circle This is a red', long] });
    const [alone] = await embed({ texts: ['red circle'] });
    // Its positions hold [CLS], the words and [SEP].
    const fitting = long.split(' ').slice(0, positions - 2);
    const [same] = await embed({ texts: [fitting.join(' ')] });
    expect(cosine(alone!, short!)).toBeGreaterThan(0.999999);
    expect(cosine(same!, cut!)).toBeGreaterThan(0.999999);
  });

  it('classifies', async () => {
    const { tasks } = await open(await taskFolder(fixture, { words: WORDS, processor: PROCESSOR }));
    const { entries } = await tasks['zero-shot-image-classification']({
      image: drawnImage(2),
      labels: ['red circle', 'blue'],
    });
    expect(entries.map(({ label }) => label).sort()).toEqual(['blue', 'red circle']);
    expect(entries[0]!.score + entries[1]!.score).toBeCloseTo(1, 5);
    expect(entries[0]!.score).toBeGreaterThanOrEqual(entries[1]!.score);
  });
});

describe('a folder without a tokenizer', () => {
  it('is told so', async () => {
    const folder = await taskFolder('chinese_clip', { words: WORDS, processor: PROCESSOR });
    await rm(join(folder, 'tokenizer.json'));
    await expect(open(folder)).rejects.toMatchObject({
      code: 'model/missing-file',
      details: { file: 'tokenizer.json' },
    });
  });
});
