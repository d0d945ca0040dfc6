/** graphs/detect-onnx.json with a published detector on photos: an extra test, for machines that have both. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failuresOf, hasShared, runGraph, sharedFolder, valuesOf } from './run-graph.ts';

if (!hasShared) console.log('skipped: FastestDet on real photos, because ../shared/real is not there');

const images = join(sharedFolder, 'real/images');
const set = {
  model: join(sharedFolder, 'real/onnx/FastestDet.onnx'),
  channels: 'BGR',
  labels: 'coco-80',
};

/** Best score of a label and where it was found, whole pixels. */
async function found(photo: string, more: Record<string, string | number> = {}) {
  const result = await runGraph('detect-onnx', {
    roots: [join(sharedFolder, 'real')],
    set: { ...set, ...more, image: join(images, photo) },
    outputs: ['boxes'],
  });
  expect(failuresOf(result)).toEqual([]);
  const boxes = [...valuesOf(result, 'boxes', 'Boxes').values()].flatMap((value) => value.boxes);
  return boxes.map(({ label, score, x, y, width, height }) => ({
    label,
    score,
    place: [x, y, x + width, y + height].map(Math.round) as [number, number, number, number],
  }));
}

/** Smallest share of overlap with a box drawn by hand on the photo. */
function overlap(a: readonly number[], b: readonly number[]): number {
  const side = (axis: 0 | 1) => Math.min(a[axis + 2]!, b[axis + 2]!) - Math.max(a[axis]!, b[axis]!);
  const area = (box: readonly number[]) => (box[2]! - box[0]!) * (box[3]! - box[1]!);
  const both = Math.max(0, side(0)) * Math.max(0, side(1));
  return both / (area(a) + area(b) - both);
}

describe.skipIf(!hasShared)('FastestDet through graphs/detect-onnx.json', { timeout: 90_000 }, () => {
  it('finds both dogs of pets.jpg', async () => {
    const boxes = await found('pets.jpg');
    expect(boxes.map(({ label }) => label)).toEqual(['dog', 'dog']);
    expect(boxes[0]?.score).toBeCloseTo(0.84, 1);
    // Drawn by hand around the running dog and around the bulldog.
    expect(overlap(boxes[0]!.place, [106, 8, 261, 295])).toBeGreaterThan(0.6);
    expect(overlap(boxes[1]!.place, [346, 165, 494, 365])).toBeGreaterThan(0.6);
  });

  it('finds both cats of the COCO picture', async () => {
    const boxes = await found('000000039769.png');
    expect(boxes.map(({ label }) => label)).toEqual(['cat', 'cat']);
    expect(boxes[0]?.score).toBeCloseTo(0.71, 1);
    const places = boxes.map(({ place }) => place).sort((a, b) => a[0] - b[0]);
    // The two cats of the COCO annotation.
    expect(overlap(places[0]!, [13, 52, 315, 471])).toBeGreaterThan(0.6);
    expect(overlap(places[1]!, [345, 24, 640, 373])).toBeGreaterThan(0.6);
  });

  it('finds the hot dog, and the channel order matters', async () => {
    const [best] = await found('hot_dog.jpg');
    expect(best?.label).toBe('hot dog');
    const swapped = await found('hot_dog.jpg', { channels: 'RGB' });
    expect(swapped.map(({ label }) => label)).not.toContain('hot dog');
  });

  it('goes through a whole folder, whatever is in it', { timeout: 180_000 }, async () => {
    const result = await runGraph('detect-onnx', {
      roots: [join(sharedFolder, 'real')],
      set: { ...set, image: `${images}/` },
    });
    expect(failuresOf(result)).toEqual([]);
    const boxes = valuesOf(result, 'boxes', 'Boxes');
    expect(boxes.size).toBe(15);
    const best = (photo: string) => boxes.get(photo)?.boxes[0]?.label;
    expect([best('owl.jpg'), best('chelsea.png'), best('camera.png'), best('motorcycle_right.png')]).toEqual([
      'bird',
      'cat',
      'person',
      'motorcycle',
    ]);
    expect(valuesOf(result, 'picture', 'Image').size).toBe(15);
  });
});
