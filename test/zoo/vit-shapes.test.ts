/** The committed classifier of pictures is whole, small, and sees what is drawn; its features are those it classifies by. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/image/decode.ts';
import { load } from '../../src/models/pipelines/load.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { drawPng } from '../../tools/zoo/world/draw.ts';
import { makeScene } from '../../tools/zoo/world/scene.ts';
import { splitRanges } from '../../tools/zoo/world/splits.ts';
import { colours, shapes } from '../../tools/zoo/world/vocabulary.ts';

const folder = 'models/zoo/vit-shapes';
const json = async (name: string) => JSON.parse(await readFile(path.join(folder, name), 'utf8'));

describe('vit-shapes', () => {
  let classify: Awaited<ReturnType<typeof load<'image-classification'>>>;
  let embed: Awaited<ReturnType<typeof load<'image-feature-extraction'>>>;

  beforeAll(async () => {
    classify = await load('zoo/vit-shapes', { task: 'image-classification' });
    embed = await load('zoo/vit-shapes', { task: 'image-feature-extraction' });
  });
  afterAll(() => {
    classify.release();
    embed.release();
  });

  it('has every file of a Hugging Face folder, within 3 MB', async () => {
    const names = await readdir(folder);
    expect(names.toSorted()).toEqual(['README.md', 'config.json', 'model.safetensors', 'preprocessor_config.json']);
    const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3e6);
  });

  it('agrees with itself: its labels are every colour with every shape, its sizes fit', async () => {
    const [config, preprocessing] = [await json('config.json'), await json('preprocessor_config.json')];
    expect(config.architectures).toEqual(['ViTForImageClassification']);
    expect(Object.values(config.id2label)).toEqual(colours.flatMap((one) => shapes.map((shape) => `${one} ${shape}`)));
    expect(preprocessing.size).toEqual({ height: config.image_size, width: config.image_size });
    const weights = await NativeWeightFile.open(path.join(folder, 'model.safetensors'));
    const head = weights.tensors.get('classifier.weight');
    expect(head).toMatchObject({ dtype: 'F16', shape: [110, config.hidden_size] });
    weights.close();
  });

  it('names what is drawn alone in unseen scenes, and has features of its width', async () => {
    const scenes = Array.from({ length: 150 }, (_, i) => makeScene(splitRanges.test[0] + i));
    const single = scenes.filter((scene) => scene.objects.length === 1);
    const right = { colour: 0, shape: 0 };
    for (const scene of single) {
      const image = await decodeImage(await drawPng(scene, 128));
      const { entries } = await classify({ image });
      const [colour, shape] = entries[0]!.label.split(' ');
      right.colour += Number(colour === scene.objects[0]!.colour);
      right.shape += Number(shape === scene.objects[0]!.shape);
    }
    // Chance is 1 in 11 and 1 in 10.
    expect(right.colour / single.length).toBeGreaterThan(0.8);
    expect(right.shape / single.length).toBeGreaterThan(0.45);
    const [features] = await embed({ images: [await decodeImage(await drawPng(single[0]!, 128))] });
    expect(features).toHaveLength((await json('config.json')).hidden_size);
  });
});
