/**
 * The training set in the form that Python reads fast: raw pixels in one file, one JSON line per scene.
 * Must not be read by anything but tools/zoo/*.py; the datasets' own formats are written by main.ts.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { closeClaim, completeClaim, partClaim } from './captions.ts';
import type { Claim } from './claims.ts';
import { distract } from './distractors.ts';
import { drawScenes } from './draw.ts';
import { type Fact, say } from './phrases.ts';
import { Random } from './random.ts';
import { makeScene, type Scene } from './scene.ts';
import { backgrounds, colours, type Shape, shapes, sizes, textures, tones } from './vocabulary.ts';

const codes: Record<Fact['attribute'], readonly string[]> = {
  shape: shapes,
  colour: colours,
  size: sizes,
  texture: textures,
  background: backgrounds,
  tone: tones,
  count: [],
};
const order = ['shape', 'colour', 'size', 'texture', 'count', 'background', 'tone'] as const;

function factCode(fact: Fact): [number, number] {
  const value = typeof fact.value === 'number' ? fact.value : codes[fact.attribute].indexOf(fact.value);
  return [order.indexOf(fact.attribute), value];
}

/**
 * t: caption; f: facts as [word, mention, attribute, value]; n: distractors in the same form; c: what each changes.
 */
function packCaption(claim: Claim, scene: Scene, label: string, distractors: number, swaps: boolean) {
  const phrase = say(claim, new Random(scene.seed, `style-${label}`));
  const facts = phrase.words.flatMap((word, i) => word.facts.map((fact) => [i, fact.mention, ...factCode(fact)]));
  const random = new Random(scene.seed, `distract-${label}`);
  const found = distract(claim, scene, distractors, random, swaps);
  return {
    t: phrase.text,
    f: facts,
    n: found.map((one) => say(one.claim, new Random(scene.seed, `style-${label}`)).text),
    c: found.map((one) => one.change),
  };
}

function packTruth(scene: Scene) {
  return {
    o: scene.objects.map(({ shape, colour, size, texture, box }) => [
      shapes.indexOf(shape as Shape),
      colours.indexOf(colour),
      sizes.indexOf(size),
      textures.indexOf(texture),
      ...[box.x, box.y, box.width, box.height].map((value) => Math.round(value * 10000) / 10000),
    ]),
    b: [backgrounds.indexOf(scene.background.kind), tones.indexOf(scene.background.tone)],
  };
}

export interface PackOptions {
  readonly seed: number;
  readonly count: number;
  readonly out: string;
  readonly size: number;
  /** Distractors of the close caption and of the part caption. */
  readonly distractors: readonly [number, number];
  /** Also exchange attributes between mentions; off for the test set, whose distractors differ in one point. */
  readonly swaps: boolean;
  /** Also write the complete description ("all"), which retrieval is measured with. */
  readonly complete: boolean;
}

/** Writes `<out>/pixels.bin` (uint8, count x size x size x 3) and `<out>/scenes.jsonl`. */
export async function packScenes(options: PackOptions): Promise<void> {
  await mkdir(options.out, { recursive: true });
  const pixels = createWriteStream(path.join(options.out, 'pixels.bin'));
  const lines = createWriteStream(path.join(options.out, 'scenes.jsonl'));
  const [close, part] = options.distractors;
  for (let start = 0; start < options.count; start += 64) {
    const amount = Math.min(64, options.count - start);
    const scenes = Array.from({ length: amount }, (_, i) => makeScene(options.seed + start + i));
    const pictures = await drawScenes(scenes, options.size);
    if (!pixels.write(Buffer.concat(pictures))) await once(pixels, 'drain');
    const text = scenes
      .map((scene) => {
        const random = new Random(scene.seed, 'captions');
        return JSON.stringify({
          seed: scene.seed,
          ...packTruth(scene),
          close: packCaption(closeClaim(scene, random), scene, 'close', close, options.swaps),
          part: packCaption(partClaim(scene, random), scene, 'part', part, options.swaps),
          ...(options.complete ? { all: packCaption(completeClaim(scene, random), scene, 'all', 0, false) } : {}),
        });
      })
      .join('\n');
    if (!lines.write(`${text}\n`)) await once(lines, 'drain');
  }
  pixels.end();
  lines.end();
  await Promise.all([once(pixels, 'close'), once(lines, 'close')]);
}
