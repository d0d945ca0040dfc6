import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { FIXTURES } from '../families/parity-fixture.ts';
import { drawnImage } from './task-folder.ts';

/** A fixture with an image processor, and with other options of config.json. */
async function pictureFolder(fixture: string, side: number, config: Readonly<Record<string, unknown>> = {}) {
  const folder = join(temporaryFolder(), fixture);
  await cp(join(FIXTURES, fixture), folder, { recursive: true });
  const path = join(folder, 'config.json');
  const original = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...original, ...config }));
  const processor = { image_processor_type: 'ViTImageProcessor', size: { height: side, width: side } };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  return folder;
}

async function open(folder: string) {
  const { loaded, architecture } = await openFamily(folder, { model: 'test/pictures' });
  return { ...loaded, architecture };
}

const LABELS = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [index, `kind ${index}`]));

describe('a classifier of pictures', () => {
  it('tells its best five classes by their names, which compete', async () => {
    const { tasks, bytes, release } = await open(await pictureFolder('vit', 32, { id2label: LABELS }));
    const result = await tasks['image-classification']!({ image: drawnImage(3) });
    expect(result).toMatchObject({ kind: 'Scores', normalized: true, subject: 'picture-3.png' });
    const scores = result.entries.map(({ score }) => score);
    expect(scores.length).toBe(5);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1.000001);
    expect(result.entries.every(({ label }) => /^kind [0-6]$/.test(label))).toBe(true);
    expect(bytes).toBeGreaterThan(1000);
    release();
  });

  it.each([
    ['beit', 32, 6],
    ['swin_classifier', 24, 5],
  ])('%s does it too', async (fixture, side, count) => {
    const { tasks, release } = await open(await pictureFolder(fixture, side));
    const { entries } = await tasks['image-classification']!({ image: drawnImage(3) });
    expect(entries).toHaveLength(Math.min(5, count));
    expect(entries.every(({ label }) => /^LABEL_\d$/.test(label))).toBe(true);
    release();
  });

  it('gives the class token that it reads as an embedding', async () => {
    const { tasks, embedding, features, release } = await open(await pictureFolder('vit', 32, { id2label: LABELS }));
    const images = [drawnImage(1), drawnImage(2)];
    const rows = await tasks['image-feature-extraction']!({ images });
    for (const [index, image] of images.entries()) {
      const { data, dim } = await features!.image!(image);
      expect(embedding).toEqual({ dim });
      expect([...rows[index]!]).toEqual([...data.slice(0, dim)].map((value) => expect.closeTo(value, 5)));
    }
    release();
  });

  it('judges every class alone where a picture may show several', async () => {
    const altered = { id2label: LABELS, problem_type: 'multi_label_classification' };
    const several = await open(await pictureFolder('vit', 32, altered));
    const one = await open(await pictureFolder('vit', 32, { id2label: LABELS }));
    const image = drawnImage(3);
    const alone = await several.tasks['image-classification']!({ image });
    const together = await one.tasks['image-classification']!({ image });
    expect(alone.entries.map(({ label }) => label)).toEqual(together.entries.map(({ label }) => label));
    // Of two classes, softmax tells the difference of logits and sigmoid each logit.
    const logit = (share: number) => Math.log(share / (1 - share));
    const [first, second] = alone.entries;
    const ratio = together.entries[0]!.score / together.entries[1]!.score;
    expect(logit(first!.score) - logit(second!.score)).toBeCloseTo(Math.log(ratio), 3);
  });

  it('must name every class', async () => {
    const folder = await pictureFolder('vit', 32, { id2label: { ...LABELS, 6: 6 } });
    await expect(open(folder)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('a text for "id2label.6"'),
    });
  });
});

describe('a bare encoder of pictures', () => {
  it.each([
    ['vit_model_options', 'ViTModel', 20, 12],
    ['dinov2_options', 'Dinov2Model', 21, 24],
    ['deit', 'DeiTModel', 32, 48],
  ])('%s gives embeddings', async (fixture, name, side, dim) => {
    const channels = fixture === 'vit_model_options' ? 1 : 3;
    const { tasks, embedding, architecture } = await open(await pictureFolder(fixture, side));
    expect(architecture).toBe(name);
    expect(embedding).toEqual({ dim });
    const images = [drawnImage(1), drawnImage(2)];
    if (channels === 1) {
      // The processor makes three channels of a picture; the model was made for one.
      const failing = tasks['image-feature-extraction']!({ images });
      await expect(failing).rejects.toMatchObject({ code: 'model/bad-input' });
      return;
    }
    const [first, second] = await tasks['image-feature-extraction']!({ images });
    const [alone] = await tasks['image-feature-extraction']!({ images: [images[1]!] });
    expect(first!.length).toBe(dim);
    expect([...second!]).toEqual([...alone!].map((value) => expect.closeTo(value, 4)));
    expect(second![0]).not.toBeCloseTo(first![0]!, 6);
  });

  it.each([
    ['beit', 'BeitModel', 32, 48],
    ['swin_classifier', 'SwinModel', 24, 32],
  ])('%s is one below its classifier', async (fixture, name, side, dim) => {
    const { tasks, embedding } = await open(await pictureFolder(fixture, side, { architectures: [name] }));
    expect(embedding).toEqual({ dim });
    const images = [drawnImage(1), drawnImage(2)];
    const [first, second] = await tasks['image-feature-extraction']!({ images });
    expect(first!.length).toBe(dim);
    expect(second![0]).not.toBeCloseTo(first![0]!, 6);
  });
});
