/**
 * Scores of the shipped zoo models on unseen scenes, through Weft's own decoding, preprocessing, tokenizer and ONNX
 * threads: `npx tsx tools/zoo/evaluate.ts [--scenes 1000] [--size 128] [--clip DIR] [--detector DIR]
 * [--backend native|onnx] [--precision fp32|bf16|int8] [--against onnx]`. `--against` counts the scenes whose first choice
 * another backend answers differently, and leaves the detector out. Prints one JSON line a score. Must not train or write
 * anything.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { decodeImage } from '../../src/image/decode.ts';
import { parseImageProcessor } from '../../src/image/processor-config.ts';
import type { BackendSettings } from '../../src/models/backend.ts';
import { ClipModel } from '../../src/models/clip.ts';
import { OnnxPool } from '../../src/models/onnx/pool.ts';
import { readRows } from '../../src/nodes/detection-rows.ts';
import { suppress } from '../../src/nodes/suppression.ts';
import type { ImageValue } from '../../src/protocol/value.ts';
import { averagePrecision, type Found } from './measure/average-precision.ts';
import { makeTrials, type Trial } from './measure/candidates.ts';
import { clipScores, disagreements, type Embedded } from './measure/clip-scores.ts';
import { drawPng } from './world/draw.ts';
import { shapes } from './world/vocabulary.ts';

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '1000' },
    size: { type: 'string', default: '128' },
    clip: { type: 'string', default: 'models/zoo/clip-shapes' },
    detector: { type: 'string', default: 'models/zoo/detect-shapes' },
    backend: { type: 'string', default: 'native' },
    precision: { type: 'string', default: 'fp32' },
    against: { type: 'string' },
  },
});
const side = Number(values.size);

function oneOf<Option extends string>(option: string, known: readonly Option[], value: string): Option {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`Expected --${option} ${known.join('|')}, received ${value}.`);
  return found;
}

const backends = ['native', 'onnx'] as const;
const backend = oneOf('backend', backends, values.backend);
const precision = oneOf('precision', ['fp32', 'bf16', 'int8'], values.precision);

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

async function embedWith(
  settings: BackendSettings,
  trials: readonly Trial[],
  images: readonly ImageValue[],
  pool: OnnxPool,
): Promise<Embedded> {
  const model = await ClipModel.load(values.clip, pool, { ref: values.clip, space: 'clip-shapes' }, settings);
  const pictures: Float32Array[] = [];
  for (let start = 0; start < images.length; start += 50) {
    const processed = await model.processor.process(images.slice(start, start + 50));
    const tensors = processed.map(({ pixelValues, channels, height, width }) => ({
      kind: 'Tensor' as const,
      dtype: 'float32' as const,
      shape: [channels, height, width],
      data: pixelValues,
    }));
    pictures.push(...(await model.encodeImages(tensors)).map(unit));
  }
  const texts = new Set(
    trials.flatMap((t) => [
      ...[t.caption, t.complete, t.label, ...t.random],
      ...[...t.onePoint, ...t.labelWrong].map((wrong) => wrong.text),
    ]),
  );
  const ordered = [...texts].toSorted((a, b) => a.length - b.length);
  const rows = await model.encodeTexts(ordered);
  const known = new Map(ordered.map((text, i) => [text, unit(rows[i]!)]));
  return { pictures, text: (text) => known.get(text)! };
}

async function measureClip(trials: readonly Trial[], images: readonly ImageValue[], pool: OnnxPool): Promise<void> {
  const about = { model: 'clip-shapes', backend, precision, scenes: trials.length };
  const embedded = await embedWith({ backend, precision }, trials, images, pool);
  for (const line of clipScores(trials, embedded)) console.log(JSON.stringify({ ...about, ...line }));
  if (values.against === undefined) return;
  const against = oneOf('against', backends, values.against);
  const others = await embedWith({ backend: against }, trials, images, pool);
  console.log(JSON.stringify({ ...about, against, ...disagreements(trials, embedded, others) }));
}

async function measureDetector(trials: readonly Trial[], images: readonly ImageValue[], pool: OnnxPool): Promise<void> {
  const read = async (name: string) => JSON.parse(await readFile(path.join(values.detector, name), 'utf8'));
  const processor = parseImageProcessor(await read('preprocessor_config.json'), {
    model: values.detector,
    modelType: '',
  });
  const session = await pool.session(path.join(values.detector, 'model.onnx'), { model: values.detector });
  const found: Found[][] = [];
  for (const image of images) {
    const { shape, pixelValues } = await processor.processBatch([image]);
    const { detections } = await session.run({
      pixel_values: { dtype: 'float32', shape: [...shape], data: pixelValues },
    });
    const layout = { box: 'cxcywh', objectness: true, transposed: false, activation: 'none' } as const;
    const candidates = readRows(detections!, { ...layout, objectnessPower: 1, classPower: 1, threshold: 0.02 });
    const kept = suppress(candidates, { overlap: 0.5, perGroup: false, limit: 100 });
    const scale = side / shape[3];
    found.push(
      kept.map(({ x, y, width, height, score, group }) => ({
        ...{ x: x * scale, y: y * scale, width: width * scale, height: height * scale },
        ...{ score, label: group },
      })),
    );
  }
  const truth = trials.map(({ scene }) =>
    scene.objects.map(({ box, shape }) => ({
      ...{ x: box.x * side, y: box.y * side, width: box.width * side, height: box.height * side },
      label: shapes.indexOf(shape),
    })),
  );
  const scores = { ap50: averagePrecision(found, truth, 0.5), ap75: averagePrecision(found, truth, 0.75) };
  console.log(JSON.stringify({ model: 'detect-shapes', scenes: trials.length, ...scores }));
}

const pool = new OnnxPool();
const trials = makeTrials(Number(values.scenes));
const images: ImageValue[] = [];
for (const { scene } of trials) images.push(await decodeImage(await drawPng(scene, side)));
await measureClip(trials, images, pool);
if (values.against === undefined) await measureDetector(trials, images, pool);
await pool.close();
