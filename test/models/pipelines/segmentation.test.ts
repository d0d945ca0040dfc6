import { describe, expect, it } from 'vitest';
import type { LoadedFamily } from '../../../src/models/pipelines/family.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { cosine } from '../cosine.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

/** Texts are read at [SEP]. */
const WORDS = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 57, '[SEP]': 58, red: 10, blue: 11, circle: 12, This: 13, photo: 14 };
const PROCESSORS = {
  clipseg_options: { image_processor_type: 'ViTImageProcessor', size: { height: 29, width: 29 } },
  groupvit_options: { image_processor_type: 'CLIPImageProcessor', size: { shortest_edge: 26 }, crop_size: 26 },
  xclip_options: {
    image_processor_type: 'VideoMAEImageProcessor',
    size: { shortest_edge: 26 },
    crop_size: { height: 26, width: 26 },
  },
};

async function open(fixture: keyof typeof PROCESSORS) {
  const folder = await taskFolder(fixture, { words: WORDS, processor: PROCESSORS[fixture] });
  const { loaded } = await openFamily(folder, { model: `test/${fixture}` });
  return loaded as LoadedFamily & { tasks: Required<Tasks> };
}

const area = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);

describe('CLIPSeg', () => {
  it('gives a mask for each label at the size of the picture, smaller for a higher threshold', async () => {
    const { tasks, bytes, release } = await open('clipseg_options');
    const image = drawnImage(3, 50, 35);
    const labels = ['red', 'blue circle'];
    const { masks, ...about } = await tasks['zero-shot-image-segmentation']({ image, labels });
    expect(about).toEqual({ kind: 'Masks', width: 50, height: 35 });
    expect(masks.map(({ label }) => label)).toEqual(labels);
    const wide = await tasks['zero-shot-image-segmentation']({ image, labels, threshold: 0.01 });
    const narrow = await tasks['zero-shot-image-segmentation']({ image, labels, threshold: 0.99 });
    for (const [index, { data, score }] of masks.entries()) {
      expect(data.length).toBe(50 * 35);
      expect(score > 0.5).toBe(area(data) > 0);
      expect(area(data)).toBeGreaterThanOrEqual(area(narrow.masks[index]!.data));
      expect(area(data)).toBeLessThanOrEqual(area(wide.masks[index]!.data));
      // A label alone is judged as it is among others.
      const alone = await tasks['zero-shot-image-segmentation']({ image, labels: [labels[index]!] });
      expect(alone.masks[0]!.score).toBeCloseTo(score, 5);
    }
    expect(area(wide.masks[0]!.data)).toBeGreaterThan(area(narrow.masks[0]!.data));
    expect(bytes).toBeGreaterThan(1000);
    release();
  });

  it('gives one mask of what looks like another picture, by its name', async () => {
    const { tasks } = await open('clipseg_options');
    const { masks } = await tasks['image-guided-segmentation']({ image: drawnImage(3), query: drawnImage(8) });
    expect(masks.map(({ label, data }) => [label, data.length])).toEqual([['picture-8.png', 40 * 32]]);
  });

  it('refuses no labels, and a threshold that is no probability', async () => {
    const { tasks } = await open('clipseg_options');
    const odd = tasks['zero-shot-image-segmentation']({ image: drawnImage(1), labels: ['red'], threshold: 1.5 });
    await expect(odd).rejects.toMatchObject({ code: 'model/bad-input', details: { input: 'threshold' } });
    const failing = tasks['zero-shot-image-segmentation']({ image: drawnImage(1), labels: [] });
    await expect(failing).rejects.toMatchObject({ code: 'model/bad-input', details: { input: 'labels' } });
  });
});

describe('GroupViT', () => {
  it('gives masks that do not overlap, and nothing where it does not look', async () => {
    const { tasks } = await open('groupvit_options');
    const image = drawnImage(5, 60, 30);
    const { masks } = await tasks['zero-shot-image-segmentation']({ image, labels: ['red', 'blue'], threshold: 0 });
    const [red, blue] = masks.map(({ data }) => data);
    const covered = red!.map((bit, pixel) => bit + blue![pixel]!);
    expect(Math.max(...covered)).toBe(1);
    // The picture was cropped to its middle square.
    for (let row = 0; row < 30; row += 1) {
      expect(area(covered.slice(row * 60, row * 60 + 15))).toBe(0);
      expect(area(covered.slice(row * 60 + 15, row * 60 + 45))).toBe(30);
      expect(area(covered.slice(row * 60 + 45, row * 60 + 60))).toBe(0);
    }
  });

  it('leaves to the background what is not sure enough, but not all', async () => {
    const { tasks } = await open('groupvit_options');
    const labels = ['red', 'blue', 'circle'];
    const { masks } = await tasks['zero-shot-image-segmentation']({ image: drawnImage(5), labels, threshold: 1 });
    const best = masks.reduce((one, other) => (other.score > one.score ? other : one));
    for (const mask of masks) if (mask !== best) expect(area(mask.data)).toBe(0);
  });

  it('classifies, by the embeddings it gives', async () => {
    const { tasks, embedding } = await open('groupvit_options');
    const image = drawnImage(2);
    const labels = ['red', 'blue circle'];
    const { entries } = await tasks['zero-shot-image-classification']({ image, labels, template: '{}' });
    const [picture] = await tasks['image-feature-extraction']({ images: [image] });
    const texts = await tasks['text-feature-extraction']({ texts: labels });
    const [red, blue] = texts.map((text) => Math.exp(embedding!.logitScale! * cosine(picture!, text)));
    expect(entries.find(({ label }) => label === 'red')!.score).toBeCloseTo(red! / (red! + blue!), 5);
  });
});

describe('X-CLIP', () => {
  it('tells which label a video shows, of any number of frames', async () => {
    const { tasks, bytes, release } = await open('xclip_options');
    const classify = tasks['zero-shot-video-classification'];
    const frames = [1, 2, 3].map((seed) => drawnImage(seed));
    const { entries, normalized } = await classify({ frames, labels: ['red', 'blue circle'] });
    expect(normalized).toBe(true);
    expect(entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(entries[0]!.score).toBeGreaterThanOrEqual(entries[1]!.score);
    // The model reads two frames: the first and the last.
    const both = await classify({ frames: [frames[0]!, frames[2]!], labels: ['red', 'blue circle'] });
    expect(both.entries).toEqual(entries);
    const one = await classify({ frames: [frames[0]!], labels: ['red', 'blue circle'] });
    expect(one.entries[0]!.score).not.toBeCloseTo(entries[0]!.score, 6);
    expect(bytes).toBeGreaterThan(1000);
    release();
    await expect(classify({ frames, labels: ['red'] })).rejects.toMatchObject({ code: 'native/released' });
  });

  it('refuses no frames and no labels', async () => {
    const { tasks } = await open('xclip_options');
    const classify = tasks['zero-shot-video-classification'];
    await expect(classify({ frames: [], labels: ['red'] })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(classify({ frames: [drawnImage(1)], labels: [] })).rejects.toMatchObject({ code: 'model/bad-input' });
  });
});
