/**
 * Writes the committed example scenes: `npx tsx tools/zoo/world/examples.ts graphs/examples`.
 * Must only use seeds of the test split, and scenes almost without noise, so that the files stay small.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { truthRecord } from './datasets.ts';
import { drawPng } from './draw.ts';
import { makeScene } from './scene.ts';
import { splitRanges } from './splits.ts';

const offsets = [28, 98, 2, 371, 503, 561, 478, 601];
export const exampleSeeds = offsets.map((offset) => splitRanges.test[0] + offset);
export const exampleSide = 256;

/** The truth of the examples in file order. */
export function exampleRecords() {
  return exampleSeeds.map((seed, i) => ({ ...truthRecord(makeScene(seed)), file_name: `scene-${i + 1}.png` }));
}

const [, script, out] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  if (out === undefined) throw new Error('usage: npx tsx tools/zoo/world/examples.ts FOLDER');
  await mkdir(out, { recursive: true });
  for (const [i, seed] of exampleSeeds.entries()) {
    await writeFile(path.join(out, `scene-${i + 1}.png`), await drawPng(makeScene(seed), exampleSide));
  }
  await writeFile(path.join(out, 'scenes.json'), `${JSON.stringify(exampleRecords(), null, 2)}\n`);
}
