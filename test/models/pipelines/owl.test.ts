import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseImageProcessor } from '../../../src/image/processor-config.ts';
import { sigmoid } from '../../../src/models/blocks/sigmoid.ts';
import { owl } from '../../../src/models/families/owl.ts';
import { cornersOf } from '../../../src/models/families/owl-boxes.ts';
import { OwlDetector } from '../../../src/models/families/owl-detector.ts';
import type { LoadedFamily } from '../../../src/models/pipelines/family.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import { bestMatches } from '../../../src/models/pipelines/owl.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { readTensors } from '../../../tools/parity/case-tensors.ts';
import { FIXTURES } from '../families/parity-fixture.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

/** Texts are read at their largest id: that of [SEP]. */
const WORDS = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 55, '[SEP]': 59, red: 10, blue: 11, circle: 12 };
const PROCESSORS = {
  owlvit_options: { image_processor_type: 'OwlViTImageProcessor', size: [26, 26] },
  owlv2: { image_processor_type: 'Owlv2ImageProcessor', size: { height: 32, width: 32 } },
};

async function open(fixture: keyof typeof PROCESSORS) {
  const folder = await taskFolder(fixture, { words: WORDS, processor: PROCESSORS[fixture] });
  const { loaded } = await openFamily(folder, { model: 'test/owl' });
  return { folder, ...(loaded as LoadedFamily & { tasks: Required<Tasks> }) };
}

/** What the detector alone says of the first patch, for a text of one token between [CLS] and [SEP]. */
async function firstPatch(folder: string, fixture: keyof typeof PROCESSORS, image: ReturnType<typeof drawnImage>) {
  const detector = await fromCheckpoint(folder, { model: 'test/owl' }, async (checkpoint) =>
    OwlDetector.build(await owl(checkpoint, fixture === 'owlv2' ? 'owlv2' : 'owlvit')),
  );
  const processor = parseImageProcessor(PROCESSORS[fixture], { model: 'test/owl' });
  const { pixelValues, shape } = await processor.processBatch([image]);
  const sight = await detector.see({ data: pixelValues, shape });
  const logits = await detector.compare(sight, await detector.ask({ ids: [55, 10, 59] }));
  return { corners: cornersOf(sight.boxes, 0), score: sigmoid(logits[0]!) };
}

describe.each(['owlvit_options', 'owlv2'] as const)('objects by texts: %s', (fixture) => {
  it('lie in pixels of the picture, best first, one label for each', async () => {
    const { tasks, bytes, release } = await open(fixture);
    const labels = ['red', 'blue circle'];
    const { boxes, ...about } = await tasks['zero-shot-object-detection']({
      image: drawnImage(4, 60, 30),
      labels,
      threshold: 0,
    });
    expect(about).toEqual({ kind: 'Boxes', imageWidth: 60, imageHeight: 30, subject: 'picture-4.png' });
    expect(boxes.length).toBeGreaterThan(4);
    expect(boxes.map(({ score }) => score)).toEqual(boxes.map(({ score }) => score).sort((a, b) => b - a));
    for (const { x, y, width, height, label } of boxes) {
      expect(labels).toContain(label);
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(60.0001);
      expect(y + height).toBeLessThanOrEqual(30.0001);
    }
    const least = boxes[2]!.score;
    const fewer = await tasks['zero-shot-object-detection']({ image: drawnImage(4, 60, 30), labels, threshold: least });
    expect(fewer.boxes).toEqual(boxes.filter(({ score }) => score > least));
    expect(bytes).toBeGreaterThan(1000);
    release();
  });

  it('is told where the detector sees it, in a picture that is resized or padded', async () => {
    const { tasks, folder } = await open(fixture);
    const image = drawnImage(5, 30, 60);
    const { boxes } = await tasks['zero-shot-object-detection']({ image, labels: ['red'], threshold: 0 });
    const { corners, score } = await firstPatch(folder, fixture, image);
    // OWL-ViT squeezes a picture into a square; OWLv2 pads it to one of its longer side.
    const [across, down] = fixture === 'owlv2' ? [60, 60] : [30, 60];
    const cut = (value: number, end: number) => Math.min(Math.max(value, 0), end);
    const [left, top] = [cut(corners[0] * across, 30), cut(corners[1] * down, 60)];
    const found = boxes.find((box) => Math.abs(box.score - score) < 1e-6)!;
    expect(found.x).toBeCloseTo(left, 3);
    expect(found.y).toBeCloseTo(top, 3);
    expect(found.width).toBeCloseTo(cut(corners[2] * across, 30) - left, 3);
    expect(found.height).toBeCloseTo(cut(corners[3] * down, 60) - top, 3);
  });

  it('refuses no labels', async () => {
    const { tasks } = await open(fixture);
    await expect(tasks['zero-shot-object-detection']({ image: drawnImage(1), labels: [] })).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { input: 'labels', received: 'none' },
    });
  });
});

describe('objects like that of another picture', () => {
  it('overlap little, the best has 1, and are called by the picture', async () => {
    const { tasks } = await open('owlv2');
    const [image, query] = [drawnImage(2, 50, 40), drawnImage(7)];
    const { boxes } = await tasks['image-guided-object-detection']({ image, query });
    expect(boxes.length).toBeGreaterThan(1);
    // Not quite 1 where all scores are tiny, as those of random weights are: 1e-6 is added to the best.
    expect(boxes[0]!.score).toBeGreaterThan(0.9);
    expect(boxes[0]!.score).toBe(Math.max(...boxes.map(({ score }) => score)));
    expect(boxes.every(({ label, score }) => label === 'picture-7.png' && score > 0)).toBe(true);
    // Above every score nothing is left.
    const none = await tasks['image-guided-object-detection']({ image, query, threshold: 1 });
    expect(none.boxes).toEqual([]);
  });

  it('are those of transformers, scores and all', async () => {
    const outputs = await readTensors(join(FIXTURES, 'owlv2', 'outputs.safetensors'));
    const floats = (name: string, size: number) => (outputs.get(name)!.data as Float32Array).subarray(0, size);
    const found = async (threshold: number) => {
      const matches = await bestMatches(floats('guided.logits', 16), floats('guided.target_pred_boxes', 64), {
        threshold,
      });
      return matches.map(({ score }) => Math.round(10_000 * score));
    };
    // post_process_image_guided_detection of transformers 5.18 of the first picture, best first, in ten thousandths.
    const all = [10_000, 9655, 9508, 8929, 8423, 8097, 7853, 7672, 7626, 7071, 4903, 4603, 3836];
    expect(await found(0)).toEqual([...all, 2194, 877]);
    expect(await found(0.3)).toEqual(all);
  });

  it('stops when aborted', async () => {
    const { tasks } = await open('owlv2');
    const failing = tasks['image-guided-object-detection'](
      { image: drawnImage(2), query: drawnImage(3) },
      { signal: AbortSignal.abort() },
    );
    await expect(failing).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});
