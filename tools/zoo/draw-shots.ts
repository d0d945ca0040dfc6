/**
 * Draws the labelled pictures of graphs/cache-classifier.json: scenes of one object, in a folder for each shape.
 * `npx tsx tools/zoo/draw-shots.ts [--out graphs/examples/shots] [--each 3] [--seed 51000000]`. The same scenes every time.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { drawScenes } from './world/draw.ts';
import { makeScene, type Scene } from './world/scene.ts';
import type { Shape } from './world/vocabulary.ts';

const SIDE = 64;
const SHAPES: readonly Shape[] = ['ring', 'circle', 'square', 'star', 'heart'];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'graphs/examples/shots' },
    each: { type: 'string', default: '3' },
    seed: { type: 'string', default: '51000000' },
  },
});

const found = new Map(SHAPES.map((shape) => [shape, [] as Scene[]]));
for (
  let seed = Number(values.seed);
  [...found.values()].some(({ length }) => length < Number(values.each));
  seed += 1
) {
  const scene = makeScene(seed);
  const [object] = scene.objects;
  const scenes = scene.objects.length === 1 ? found.get(object!.shape) : undefined;
  if (scenes !== undefined && scenes.length < Number(values.each)) scenes.push(scene);
}
for (const [shape, scenes] of found) {
  await mkdir(join(values.out, shape), { recursive: true });
  for (const [index, pixels] of (await drawScenes(scenes, SIDE)).entries()) {
    const picture = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).webp({ quality: 80 });
    await writeFile(join(values.out, shape, `${index + 1}.webp`), await picture.toBuffer());
  }
}
