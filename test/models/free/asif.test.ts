/** Relative representations against the equations in plain JavaScript. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clampSettings, relativeCosines, relativeRows } from '../../../src/models/free/asif.ts';
import { writeTensors } from '../../../src/models/weights/write-tensors.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { dot, normalise } from '../../../src/nodes/vectors.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { numbersFrom } from '../../native/random-numbers.ts';

const random = numbersFrom(77);
const COUNT = 40;
const [images, texts] = [random(COUNT * 12), random(COUNT * 9)];

async function openAnchors() {
  const path = join(temporaryFolder(), 'anchors.safetensors');
  await writeTensors(path, [
    { name: 'image', dtype: 'F32', shape: [COUNT, 12], data: images },
    { name: 'text', dtype: 'F32', shape: [COUNT, 9], data: texts },
  ]);
  const file = await NativeWeightFile.open(path);
  onTestFinished(() => file.close());
  return { image: [{ file, name: 'image' }], text: [{ file, name: 'text' }] };
}

/** The equations of the paper's section 2, anchor by anchor; dense. */
function relative(vector: Float32Array, anchors: Float32Array, k: number, p: number): Float64Array {
  const width = vector.length;
  const unit = normalise(vector);
  const cosines = Array.from({ length: COUNT }, (_, a) =>
    dot(unit, normalise(anchors.subarray(a * width, (a + 1) * width))),
  );
  const least = [...cosines].sort((a, b) => b - a)[k - 1]!;
  return normalise(cosines.map((cosine) => (cosine >= least ? cosine ** p : 0)));
}

describe('ASIF', () => {
  it.each([
    [10, 8],
    [40, 3],
    [1, 1],
  ])('describes by the %i nearest anchors to the power %i, and compares descriptions', async (k, p) => {
    const anchors = await openAnchors();
    const [seen, read] = [random(300 * 12), random(2 * 9)];
    const image = await relativeRows({ data: seen, width: 12 }, anchors.image, { k, p });
    const text = await relativeRows({ data: read, width: 9 }, anchors.text, { k, p });
    const scores = await relativeCosines(image, text, COUNT);
    // More queries than are looked for at once: the first, and those around the border.
    for (const row of [0, 255, 256, 299]) {
      const ours = relative(seen.subarray(row * 12, row * 12 + 12), images, k, p);
      const dense = new Float64Array(COUNT);
      for (let i = 0; i < k; i += 1) dense[image.places[row * k + i]!] = image.values[row * k + i]!;
      for (const [a, value] of ours.entries()) expect(dense[a]).toBeCloseTo(value, 5);
      for (const other of [0, 1]) {
        const expected = dot(ours, relative(read.subarray(other * 9, other * 9 + 9), texts, k, p));
        expect(scores[row * 2 + other]).toBeCloseTo(expected, 5);
      }
    }
  });

  it('takes all anchors where there are fewer than k', () => {
    expect(clampSettings({ k: 800, p: 8 }, 30)).toEqual({ k: 30, p: 8 });
    expect(clampSettings({ k: 800, p: 8 }, 900)).toEqual({ k: 800, p: 8 });
  });
});
