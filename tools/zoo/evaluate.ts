/**
 * Scores of the shipped zoo models on unseen scenes, through Weft's own decoding, preprocessing, tokenizer and ONNX
 * threads: `npx tsx tools/zoo/evaluate.ts [--scenes 1000] [--size 128] [--clip DIR] [--detector DIR]`.
 * Prints one JSON line a score. Must not train or write anything.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { decodeImage } from '../../src/image/decode.ts';
import { parseImageProcessor } from '../../src/image/processor-config.ts';
import { ClipModel } from '../../src/models/clip.ts';
import { OnnxPool } from '../../src/models/onnx/pool.ts';
import { readRows } from '../../src/nodes/detection-rows.ts';
import { suppress } from '../../src/nodes/suppression.ts';
import type { ImageValue } from '../../src/protocol/value.ts';
import { averagePrecision, type Found } from './measure/average-precision.ts';
import { makeTrials, type Trial } from './measure/candidates.ts';
import { clipScores } from './measure/clip-scores.ts';
import { drawPng } from './world/draw.ts';
import { shapes } from './world/vocabulary.ts';

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '1000' },
    size: { type: 'string', default: '128' },
    clip: { type: 'string', default: 'models/zoo/clip-shapes' },
    detector: { type: 'string', default: 'models/zoo/detect-shapes' },
  },
});
const side = Number(values.size);

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

async function measureClip(trials: readonly Trial[], images: readonly ImageValue[], pool: OnnxPool): Promise<void> {
  const model = await ClipModel.load(values.clip, pool, { ref: values.clip, space: 'clip-shapes' });
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
  for (const line of clipScores(trials, { pictures, text: (text) => known.get(text)! })) {
    console.log(JSON.stringify({ model: 'clip-shapes', scenes: trials.length, ...line }));
  }
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
await measureDetector(trials, images, pool);
