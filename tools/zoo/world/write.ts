/**
 * Writes a folder of pictures with their dataset files.
 * Must not decide what a scene holds or says.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cocoCaptions, cocoInstances, entailment, pictureName, truthRecord, vqa } from './datasets.ts';
import { drawPng } from './draw.ts';
import { makeScene } from './scene.ts';
import { splitOf } from './splits.ts';

export interface WriteOptions {
  readonly seed: number;
  readonly count: number;
  readonly out: string;
  readonly size: number;
}

/** `<out>/images/*.png` and `<out>/annotations/*_<split>.json(l)`. */
export async function writeDatasets({ seed, count, out, size }: WriteOptions): Promise<void> {
  const split = splitOf(seed, count);
  const images = path.join(out, 'images');
  const annotations = path.join(out, 'annotations');
  await mkdir(images, { recursive: true });
  await mkdir(annotations, { recursive: true });
  const scenes = Array.from({ length: count }, (_, i) => makeScene(seed + i));
  for (const scene of scenes) await writeFile(path.join(images, pictureName(scene)), await drawPng(scene, size));
  const asked = vqa(scenes, split);
  const whole: Record<string, object> = {
    [`captions_${split}.json`]: cocoCaptions(scenes, split, size),
    [`instances_${split}.json`]: cocoInstances(scenes, split, size),
    [`questions_${split}.json`]: asked.questions,
    [`answers_${split}.json`]: asked.annotations,
  };
  for (const [name, value] of Object.entries(whole)) {
    await writeFile(path.join(annotations, name), `${JSON.stringify(value)}\n`);
  }
  const lines = { entailment: entailment(scenes), scenes: scenes.map(truthRecord) };
  for (const [name, rows] of Object.entries(lines)) {
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    await writeFile(path.join(annotations, `${name}_${split}.jsonl`), text);
  }
}
