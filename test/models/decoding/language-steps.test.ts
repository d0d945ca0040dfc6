import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { blipCaption } from '../../../src/models/families/blip.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

const ROWS = 5;
const WIDTH = 28;
const VOCABULARY = 60;

const load = () =>
  fromCheckpoint(join(FIXTURES, 'blip_caption_options'), { model: 'test/steps' }, (checkpoint) =>
    LanguageModel.build(blipCaption(checkpoint, 'last').decoder),
  );
const memoryOf = (seeds: readonly number[]) => {
  const numbers = seeds.flatMap((seed) =>
    Array.from({ length: ROWS * WIDTH }, (_, index) => Math.sin(seed + index * seed)),
  );
  return Tensor.from(Float32Array.from(numbers), [seeds.length, ROWS, WIDTH]);
};
const MASK = [
  [1, 1, 0, 0, 0],
  [1, 1, 1, 1, 0],
];

describe('steps over memories that are seen in part', () => {
  it.each([
    ['masked', MASK.flat()],
    ['all seen', undefined],
  ])('go on after texts were reordered as if each had been alone: %s', async (_, mask) => {
    const model = await load();
    const rows = memoryOf([1, 2]);
    const steps = languageSteps(model, { batch: 2, memory: [mask === undefined ? { rows } : { rows, mask }] });
    await steps.read([7, 8]);
    steps.reorder([1, 0, 1]);
    const three = (await steps.read([9, 10, 11])).head!.toFloats();
    steps.release();
    for (const [text, [prompt, first, second]] of [
      [1, 8, 9],
      [0, 7, 10],
      [1, 8, 11],
    ].entries()) {
      const own = memoryOf([prompt! + 1]);
      const alone = languageSteps(model, {
        batch: 1,
        memory: [mask === undefined ? { rows: own } : { rows: own, mask: MASK[prompt!]! }],
      });
      await alone.read([first!]);
      const one = (await alone.read([second!])).head!.toFloats();
      alone.release();
      const ours = three.slice(text * VOCABULARY, (text + 1) * VOCABULARY);
      for (const [index, value] of one.entries()) expect(ours[index]).toBeCloseTo(value, 3);
    }
    // The caller's memory is still there.
    expect(rows.toFloats().length).toBe(2 * ROWS * WIDTH);
  });
});
