/**
 * Captions of unseen drawn scenes by clip-shapes and gpt2-shapes, scored: `npm run zoo:captions -- [--scenes 500]
 * [--split test] [--size 128] [--k 11] [--alpha 0.3] [--beta 1] [--only magic] [--show 3]`. MaGiC against the language model
 * alone, against CLIPRe, and int8 against fp32. Prints one JSON line a way of captioning. Must not train or write anything.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { decodeImage } from '../../src/image/decode.ts';
import { scoreCaptions } from '../../src/metrics/caption-scores.ts';
import { packageFolder } from '../../src/models/package-folder.ts';
import { createFamilyLoader } from '../../src/models/pipelines/family-loader.ts';
import { ModelStore } from '../../src/models/store.ts';
import type { Precision } from '../../src/native/stack-spec.ts';
import type { ImageValue } from '../../src/protocol/value.ts';
import * as writers from './measure/caption-writers.ts';
import { pairAccuracy } from './measure/named-pairs.ts';
import { agreement, likeliestTokens } from './measure/next-tokens.ts';
import { captionsOf } from './world/datasets.ts';
import { drawPng } from './world/draw.ts';
import { makeScene } from './world/scene.ts';
import { splitRanges } from './world/splits.ts';

/** CLIPRe chooses among the captions that gpt2-shapes has read first, three a scene. */
const COLLECTION_SEED = 4_000_000;
const COLLECTION_SCENES = 5_000;

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '500' },
    split: { type: 'string', default: 'test' },
    size: { type: 'string', default: '128' },
    k: { type: 'string', default: '11' },
    alpha: { type: 'string', default: '0.3' },
    beta: { type: 'string', default: '1' },
    only: { type: 'string' },
    show: { type: 'string', default: '0' },
  },
});
const [k, alpha, beta] = [Number(values.k), Number(values.alpha), Number(values.beta)];
const { split } = values;
if (split !== 'test' && split !== 'val') throw new Error(`Expected --split test|val, received ${split}.`);

const scenes = Array.from({ length: Number(values.scenes) }, (_, i) => makeScene(splitRanges[split][0] + i));
const references = scenes.map(captionsOf);
const images: ImageValue[] = [];
for (const scene of scenes) images.push(await decodeImage(await drawPng(scene, Number(values.size))));

const load = createFamilyLoader(new ModelStore({ zooFolder: path.join(packageFolder, 'models', 'zoo') }));
async function modelsOf(precision: Precision): Promise<writers.CaptionModels> {
  const settings = { backend: 'native', precision } as const;
  return {
    language: await load('zoo/gpt2-shapes', settings),
    comparison: await load('zoo/clip-shapes', settings),
  };
}
const models = await modelsOf('fp32');
const small = await modelsOf('int8');

function collection(): string[] {
  const seeds = Array.from({ length: COLLECTION_SCENES }, (_, i) => COLLECTION_SEED + i);
  return seeds.flatMap((seed) => captionsOf(makeScene(seed)).slice(0, 3));
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const written = new Map<string, readonly string[]>();
/** Scores one way of captioning and prints them; CIDEr-D is 100 times the metric's, as papers print it. */
async function measure(name: string, write: writers.CaptionWriter): Promise<void> {
  if (values.only !== undefined && values.only !== name) return;
  const started = performance.now();
  const captions = await write(images);
  const seconds = (performance.now() - started) / 1000;
  written.set(name, captions);
  const scored = captions.map((candidate, i) => ({ candidate, references: references[i]! }));
  const { bleu, rougeL, ciderD } = scoreCaptions(scored);
  const pairs = pairAccuracy(captions, scenes);
  const line = {
    ...{ way: name, scenes: scenes.length, bleu4: rounded(100 * bleu[3]!), ciderD: rounded(100 * ciderD) },
    ...{ rougeL: rounded(100 * rougeL), pairs: pairs.named, pairAccuracy: rounded(pairs.accuracy) },
    ...{ faithful: rounded(pairs.faithful), distinct: new Set(captions).size, seconds: rounded(seconds) },
  };
  console.log(JSON.stringify(line));
  for (const [i, caption] of captions.slice(0, Number(values.show)).entries()) {
    console.log(JSON.stringify({ way: name, seed: scenes[i]!.seed, caption, complete: references[i]![0] }));
  }
}

await measure('magic', writers.magicWriter(models, { k, alpha, beta }));
await measure('magic int8', writers.magicWriter(small, { k, alpha, beta }));
await measure('greedy', writers.blindWriter(models, { strategy: 'greedy' }));
await measure('contrastive', writers.blindWriter(models, { strategy: 'contrastive', topK: 5, penaltyAlpha: 0.6 }));
await measure(
  'contrastive, as MaGiC',
  writers.blindWriter(models, { strategy: 'contrastive', topK: k, penaltyAlpha: alpha }),
);
await measure('top-k', writers.blindWriter(models, { strategy: 'sample', topK: 40 }));
await measure('clipre', writers.retrievalWriter(models, collection()));

const captions = written.get('magic');
if (captions !== undefined) {
  const [full, int8] = [
    await likeliestTokens(models.language, captions),
    await likeliestTokens(small.language, captions),
  ];
  const { steps, equal } = agreement(full, int8);
  console.log(JSON.stringify({ compared: 'likeliest token, int8 against fp32', steps, equal: rounded(equal) }));
}
