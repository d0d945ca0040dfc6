import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vilt } from '../../../src/models/families/vilt.ts';
import { Vilt } from '../../../src/models/families/vilt-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { drawn } from './drawn-floats.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-vilt-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/vilt' }, async (checkpoint) => Vilt.build(await vilt(checkpoint)));

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('vilt_mlm', join(folder, name), alterations));
}

const IDS = [2, 17, 40, 99, 3];
const WIDTH = 32;
/** A picture of 40 x 24 pixels, and the same one in the corner of a canvas of 48 x 56. */
const SMALL = { data: drawn(3 * 40 * 24), shape: [1, 3, 40, 24] };
const CANVAS = { height: 48, width: 56 };

function onCanvas() {
  const data = new Float32Array(3 * CANVAS.height * CANVAS.width);
  const mask = new Uint8Array(CANVAS.height * CANVAS.width);
  for (let row = 0; row < 3 * 40; row += 1) {
    const target = (Math.floor(row / 40) * CANVAS.height + (row % 40)) * CANVAS.width;
    data.set(SMALL.data.subarray(row * 24, (row + 1) * 24), target);
    if (row < 40) mask.fill(1, target, target + 24);
  }
  return { data, mask };
}

describe('ViLT against transformers', () => {
  it.each(['vilt_mlm', 'vilt_three_pictures'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(8);
    }
  });
});

describe('ViLT', () => {
  it('gives a picture the same alone and beside a larger one', async () => {
    const model = await load(join(FIXTURES, 'vilt_mlm'));
    const alone = await model.run({ tokens: { ids: IDS }, pictures: SMALL });
    const { data, mask } = onCanvas();
    const large = drawn(data.length, 7);
    const both = await model.run({
      tokens: { ids: [...IDS, 0, 0, ...IDS, 9, 8], batch: 2, mask: [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1] },
      pictures: { data: Float32Array.from([...data, ...large]), shape: [2, 3, CANVAS.height, CANVAS.width] },
      pixelMask: { data: [...mask, ...new Uint8Array(mask.length).fill(1)], shape: [2, CANVAS.height, CANVAS.width] },
    });
    expect(both.patchMask.filter((one) => one === 1)).toHaveLength(1 + 5 * 3 + 1 + 6 * 7);
    const [one, two] = [alone.pooled.toFloats(), both.pooled.toFloats()];
    for (const [index, value] of one.entries()) expect(two[index]).toBeCloseTo(value, 5);
  });

  it('reads one picture for several texts', async () => {
    const model = await load(join(FIXTURES, 'vilt_mlm'));
    const pictures = {
      data: Float32Array.from([...drawn(3 * 48 * 48, 3), ...drawn(3 * 48 * 48, 4)]),
      shape: [2, 3, 48, 48],
    };
    const run = (ids: readonly number[], pictureOf: readonly number[]) =>
      model.run({ tokens: { ids, batch: pictureOf.length }, pictures, pictureOf });
    const three = (await run([...IDS, ...IDS.toReversed(), ...IDS], [1, 0, 0])).pooled.toFloats();
    const single = (await run(IDS, [0])).pooled.toFloats();
    for (const [index, value] of single.entries()) expect(three[2 * WIDTH + index]).toBeCloseTo(value, 5);
    expect(three.slice(0, WIDTH)).not.toEqual(three.slice(2 * WIDTH));
  });

  it('refuses pictures and masks that do not fit, and says how', async () => {
    const model = await load(join(FIXTURES, 'vilt_mlm'));
    const run = (shape: readonly number[], more = {}) =>
      model.run({
        tokens: { ids: IDS },
        pictures: { data: new Float32Array(shape.reduce((product, side) => product * side, 1)), shape },
        ...more,
      });
    await expect(run([1, 3, 7, 48])).rejects.toMatchObject({
      message:
        'Model "test/vilt" expects pictures of at least 8 x 8 for its input "pixel_values", received [1 x 3 x 7 x 48].',
    });
    await expect(run([1, 1, 48, 48])).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(run([2, 3, 48, 48])).rejects.toMatchObject({
      message: expect.stringContaining('a picture for each of 1 texts'),
    });
    const mask = (data: number[]) => ({ pixelMask: { data, shape: [1, 16, 16] } });
    const holes = Array.from({ length: 256 }, (_, pixel) => Number(pixel !== 8));
    await expect(run([1, 3, 16, 16], mask(holes))).rejects.toMatchObject({
      message: expect.stringContaining('patches that show picture 0 are no rectangle'),
    });
    await expect(run([1, 3, 16, 16], mask(new Array(256).fill(0)))).rejects.toMatchObject({
      message: expect.stringContaining('patches that show picture 0 are none'),
    });
    await expect(run([1, 3, 16, 16], mask([1]))).rejects.toMatchObject({
      message: expect.stringContaining('[1 x height x width] for its input "pixel_mask"'),
    });
  });

  it('refuses more patches than the configuration takes, which transformers would choose at random', async () => {
    const model = await loadAltered('few-patches', { config: { max_image_length: 14 } });
    await expect(model.run({ tokens: { ids: IDS }, pictures: SMALL })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('at most 14 patches'),
    });
    const enough = await loadAltered('enough-patches', { config: { max_image_length: 15 } });
    expect((await enough.run({ tokens: { ids: IDS }, pictures: SMALL })).pooled.shape).toEqual([1, WIDTH]);
  });

  it('reads files with buffers, and with a matrix of words of their own', async () => {
    const model = await loadAltered('published', {
      rename: (name) => (name === 'mlm_score.decoder.bias' ? 'mlm_score.bias' : name),
      add: {
        'vilt.embeddings.text_embeddings.position_ids': f32([1, 2], [0, 1]),
        'mlm_score.decoder.weight': f32([120, WIDTH], Array.from(drawn(120 * WIDTH, 5))),
      },
    });
    const original = await load(join(FIXTURES, 'vilt_mlm'));
    const { pooled } = await model.run({ tokens: { ids: IDS }, pictures: SMALL });
    const [own, tied] = [await model.head(pooled), await original.head(pooled)];
    expect(own.shape).toEqual([1, 120]);
    expect(own.toFloats()).not.toEqual(tied.toFloats());
  });

  it('has no head where the class has none', async () => {
    const model = await loadAltered('bare', {
      config: { architectures: ['ViltModel'] },
      rename: (name) => (name.startsWith('mlm_score') ? undefined : name),
    });
    const { pooled } = await model.run({ tokens: { ids: IDS }, pictures: SMALL });
    await expect(model.head(pooled)).rejects.toMatchObject({ code: 'model/unsupported' });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['class', { architectures: ['ViltForTokenClassification'] }, 'model/unsupported', 'ViltForQuestionAnswering'],
    ['activation', { hidden_act: 'mish' }, 'model/unsupported', 'received "mish"'],
    [
      'pair without a table',
      { architectures: ['ViltForImagesAndTextClassification'], num_images: 2 },
      'model/bad-config',
      'at least 3',
    ],
    [
      'pair without a number',
      { architectures: ['ViltForImagesAndTextClassification'] },
      'model/bad-config',
      'num_images',
    ],
    ['vocabulary', { vocab_size: 121 }, 'model/bad-weights', 'expected [121 x 32]'],
  ])('tells what is wrong with the %s', async (name, config, code, message) => {
    await expect(loadAltered(`wrong-${name.replaceAll(' ', '-')}`, { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
