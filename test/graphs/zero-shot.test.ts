import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../src/image/encode.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { writeTinyClip } from '../models/tiny-clip.ts';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

/**
 * A folder with a CLIP model whose answers are known by hand, and pictures: red pixels become [1, 0], blue ones [0, 1];
 * "red" becomes [11, 10], "blue" [10, 11].
 */
async function handmade() {
  const folder = temporaryFolder();
  // Without weights it runs in ONNX Runtime, whose towers can be computed by hand.
  await writeTinyClip(join(folder, 'tiny'), { logitScale: null, config: { logit_scale_init_value: Math.log(50) } });
  const colours = { 'blue.png': [0, 0, 255], 'mixed.png': [255, 0, 128], 'red.png': [255, 0, 0] };
  for (const [name, colour] of Object.entries(colours)) {
    const data = Uint8Array.from({ length: 12 }, (_, index) => colour[index % 3]!);
    writeFileSync(join(folder, name), await encodePng({ data, width: 2, height: 2 }));
  }
  return folder;
}

describe('graphs/zero-shot.json', () => {
  it('answers as it is saved: the picture shows a red ring', async () => {
    const result = await runGraph('zero-shot');
    expect(failuresOf(result)).toEqual([]);
    const scores = valuesOf(result, 'scores', 'Scores').get('scene-1.png');
    expect(scores?.entries).toHaveLength(6);
    expect(scores?.entries[0]?.label).toBe('a red ring');
    expect(scores?.entries[0]?.score).toBeGreaterThan(0.5);
  });

  it('finds the description of each example scene among those of all', async () => {
    const scenes = exampleScenes();
    const labels = scenes.map(({ captions }) => captions[0]!);
    const result = await runGraph('zero-shot', { set: { image: 'examples/', labels, templates: ['{}'] } });
    expect(failuresOf(result)).toEqual([]);
    const scores = valuesOf(result, 'scores', 'Scores');
    expect(scores.size).toBe(scenes.length);
    const right = scenes.filter(({ file_name, captions }) => scores.get(file_name)?.entries[0]?.label === captions[0]);
    expect(right.length).toBeGreaterThanOrEqual(scenes.length - 1);
  });
});

describe('graphs/zero-shot.json with a model computed by hand', () => {
  it('one set model reaches all three nodes; scores are softmax(50 x cosine)', async () => {
    const folder = await handmade();
    const result = await runGraph('zero-shot', {
      bases: [folder],
      set: { image: 'mixed.png', model: './tiny', labels: 'red,blue', templates: ['{}'] },
    });
    const scores = valuesOf(result, 'scores', 'Scores').get('mixed.png');
    expect(scores).toMatchObject({ normalized: true, subject: 'mixed.png' });
    const blue = 128 / 255;
    const difference = (50 * (1 - blue)) / Math.hypot(1, blue) / Math.hypot(10, 11);
    expect(scores?.entries[0]).toMatchObject({ label: 'red' });
    expect(scores?.entries[1]?.score).toBeCloseTo(1 / (1 + Math.exp(difference)), 6);
  });

  it('classifies a whole folder; a broken picture fails alone; results are written', async () => {
    const folder = await handmade();
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    const outputFolder = join(folder, 'out');
    const set = { image: '*.png', model: './tiny', labels: ['blue', 'red'], templates: ['{}', 'red blue {}'] };
    const result = await runGraph('zero-shot', { bases: [folder], outputFolder, set });
    expect(failuresOf(result)).toContain('image broken.png input/bad-image');
    const scores = valuesOf(result, 'scores', 'Scores');
    const best = [...scores].map(([key, { entries }]) => [key, entries[0]?.label]);
    expect(best).toEqual([
      ['blue.png', 'blue'],
      ['mixed.png', 'red'],
      ['red.png', 'red'],
    ]);
    expect(readdirSync(outputFolder)).toEqual(['results.json']);
    const written = JSON.parse(readFileSync(join(outputFolder, 'results.json'), 'utf8'));
    expect(written).toEqual([...scores.values()]);
  });

  it('does not start with a model that is not here, or a label list that is no list', async () => {
    const missing = await runGraph('zero-shot', { set: { model: 'nobody/nothing' } });
    expect(missing.error?.errors?.map(({ code }) => code)).toEqual(Array(3).fill('graph/missing-model'));
    const empty = await runGraph('zero-shot', { set: { labels: [] } });
    expect(empty.status).toBe('failed');
  });
});
