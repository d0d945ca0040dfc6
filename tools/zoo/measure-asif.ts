/**
 * Accuracy of ASIF on unseen scenes against the number of anchors, with two encoders that never saw each other:
 * `npx tsx tools/zoo/measure-asif.ts [--image models/zoo/vit-shapes] [--text models/zoo/bert-shapes] [--anchors 100,1000,10000]
 * [--scenes 500] [--k 800] [--p 8]`. Asked is the colour and shape of scenes with one object, among all 110 pairs; every label has
 * three prompts. Prints one JSON line for each number of anchors, and the times of adding and removing 1,000. Must not train.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Anchor } from '../../src/models/free/anchor.ts';
import { AnchorChanges } from '../../src/models/free/anchor-changes.ts';
import { AnchorIndex } from '../../src/models/free/anchor-index.ts';
import { clampSettings, relativeCosines, relativeRows } from '../../src/models/free/asif.ts';
import { rankLabels } from '../../src/models/free/asif-answer.ts';
import { openFamily } from '../../src/models/pipelines/open-family.ts';
import { FAMILIES } from '../../src/models/pipelines/registry.ts';
import { captionsOf } from './world/datasets.ts';
import { drawScenes } from './world/draw.ts';
import { withArticle } from './world/questions.ts';
import { makeScene, type Scene } from './world/scene.ts';
import { splitRanges } from './world/splits.ts';
import { colours, shapes } from './world/vocabulary.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string', default: 'models/zoo/vit-shapes' },
    text: { type: 'string', default: 'models/zoo/bert-shapes' },
    anchors: { type: 'string', default: '100,1000,10000' },
    scenes: { type: 'string', default: '500' },
    k: { type: 'string', default: '800' },
    p: { type: 'string', default: '8' },
  },
});
const SIDE = 64;
/** Of the anchors' scenes; the example shard has the first of them. */
const FIRST_ANCHOR = 50_000_000;
const TOGETHER = 64;
const PROMPTS = [
  (label: string) => label,
  (label: string) => `a picture of ${label}`,
  (label: string) => `a scene with ${label}`,
];

async function taskOf<Name extends 'image-feature-extraction' | 'text-feature-extraction'>(folder: string, name: Name) {
  const { loaded } = await openFamily(folder, { model: folder, precision: 'fp32', families: FAMILIES });
  const task = loaded.tasks[name];
  if (task === undefined) throw new Error(`${folder} does not do ${name}`);
  return task;
}

const see = await taskOf(values.image, 'image-feature-extraction');
const read = await taskOf(values.text, 'text-feature-extraction');

async function embedScenes(scenes: readonly Scene[]): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let first = 0; first < scenes.length; first += TOGETHER) {
    const drawn = await drawScenes(scenes.slice(first, first + TOGETHER), SIDE);
    const images = drawn.map((data) => ({ kind: 'Image', data, width: SIDE, height: SIDE }) as const);
    rows.push(...(await see({ images })));
  }
  return rows;
}

async function embedTexts(texts: readonly string[]): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let first = 0; first < texts.length; first += TOGETHER) {
    rows.push(...(await read({ texts: texts.slice(first, first + TOGETHER) })));
  }
  return rows;
}

/** Anchors `first` to `first + count - 1`, each with its complete caption. */
async function anchorsOf(first: number, count: number): Promise<Anchor[]> {
  const scenes = Array.from({ length: count }, (_, index) => makeScene(FIRST_ANCHOR + first + index));
  const captions = scenes.map((scene) => captionsOf(scene)[0]!);
  const [images, texts] = [await embedScenes(scenes), await embedTexts(captions)];
  return captions.map((caption, index) => {
    const id = String(scenes[index]!.seed);
    return {
      id,
      caption,
      picture: id,
      hash: id,
      image: images[index]!,
      text: texts[index]!,
      thumbnail: new Uint8Array(),
    };
  });
}

function joined(rows: readonly Float32Array[]) {
  const width = rows[0]!.length;
  const data = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries()) data.set(row, index * width);
  return { data, width };
}

async function* stream<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

const asked: { scene: Scene; label: string }[] = [];
for (let seed: number = splitRanges.test[0]; asked.length < Number(values.scenes); seed += 1) {
  const scene = makeScene(seed);
  const [object] = scene.objects;
  if (scene.objects.length === 1) asked.push({ scene, label: `${object!.colour} ${object!.shape}` });
}
const pairs = colours.flatMap((colour) => shapes.map((shape) => `${colour} ${shape}`));
const prompts = pairs.flatMap((label) => PROMPTS.map((prompt) => ({ label, text: prompt(withArticle(label)) })));
const pictures = joined(await embedScenes(asked.map(({ scene }) => scene)));
const labels = joined(await embedTexts(prompts.map(({ text }) => text)));
const spaces = {
  image: { space: values.image, width: pictures.width },
  text: { space: values.text, width: labels.width },
};

const folder = await mkdtemp(join(tmpdir(), 'weft-asif-'));
try {
  const changes = new AnchorChanges(folder, 'measured');
  let held = 0;
  for (const count of values.anchors.split(',').map(Number)) {
    await changes.add(spaces, stream(await anchorsOf(held, count - held)));
    held = count;
    const index = await AnchorIndex.open(folder, 'measured');
    const settings = clampSettings({ k: Number(values.k), p: Number(values.p) }, index.count);
    const start = performance.now();
    const seen = await relativeRows(pictures, index.rows('image'), settings);
    const described = await relativeRows(labels, index.rows('text'), settings);
    const scores = await relativeCosines(seen, described, index.count);
    const milliseconds = Math.round(performance.now() - start);
    index.close();
    const right = asked.filter(({ label }, row) => {
      const own = scores.subarray(row * prompts.length, (row + 1) * prompts.length);
      return (
        rankLabels(
          own,
          prompts.map((prompt) => prompt.label),
        )[0]!.label === label
      );
    });
    const accuracy = right.length / asked.length;
    console.log(
      JSON.stringify({
        anchors: count,
        ...settings,
        scenes: asked.length,
        labels: pairs.length,
        accuracy,
        milliseconds,
      }),
    );
  }
  const fresh = await anchorsOf(held, 1000);
  const added = await timed(() => changes.add(spaces, stream(fresh)));
  const ids = new Set(fresh.map(({ id }) => id));
  const removed = await timed(() => changes.remove((id) => ids.has(id)));
  console.log(JSON.stringify({ anchors: held, add_1000_ms: added, remove_1000_ms: removed }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
