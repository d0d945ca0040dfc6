import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { align } from '../../../src/models/families/align.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { EfficientNet } from '../../../src/models/towers/efficient-net.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

const FIXTURE = 'align_options';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-align-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint(FIXTURE, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/align' }, (checkpoint) => align(checkpoint));
}

async function withVision(name: string, options: Readonly<Record<string, unknown>>) {
  const { vision_config: vision } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
  return loadAltered(name, { config: { vision_config: { ...vision, ...options } } });
}

const network = () =>
  fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/align' }, async (checkpoint) =>
    EfficientNet.build((await align(checkpoint)).vision),
  );

const pictures = (shape: readonly number[]) => {
  const count = shape.reduce((product, side) => product * side, 1);
  return { data: Float32Array.from({ length: count }, (_, index) => Math.sin(0.37 * index)), shape };
};

describe('ALIGN against transformers', () => {
  it.each(['align_options'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(19);
    }
  });
});

describe('the network of pictures', () => {
  it('gives a picture the same alone and in a batch', async () => {
    const tower = await network();
    expect(tower.bytes).toBeGreaterThan(10_000);
    const many = pictures([3, 3, 26, 26]);
    const all = (await tower.embed(many)).toFloats();
    const alone = (await tower.embed({ data: many.data.slice(2 * 2028), shape: [1, 3, 26, 26] })).toFloats();
    expect(alone).toEqual(all.slice(2 * 24));
    tower.release();
    await expect(tower.embed(many)).rejects.toMatchObject({ code: 'native/released' });
  });

  it('refuses other channels, and pictures whose last map is not pooled into one', async () => {
    const tower = await network();
    await expect(tower.run(pictures([1, 1, 26, 26]))).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { input: 'pixel_values', received: '[1 x 1 x 26 x 26]' },
    });
    // Strides of 2 twice: 164 pixels become 41, and 40 are pooled.
    await expect(tower.run(pictures([1, 3, 8, 164]))).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('at most 40 pixels of a side at its end'),
    });
    expect((await tower.run(pictures([1, 3, 8, 160]))).pooled.shape).toEqual([1, 24]);
  });

  it('stops when aborted', async () => {
    const tower = await network();
    const options = { signal: AbortSignal.abort() };
    await expect(tower.embed(pictures([1, 3, 26, 26]), options)).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('ALIGN checkpoints', () => {
  it('divide by their temperature', async () => {
    const { similarity, dim } = await loadAltered('plain', {});
    expect(similarity.scale).toBeCloseTo(1 / 0.6, 5);
    expect(dim).toBe(24);
  });

  it.each([
    ['strides', [3, 1], 'model/unsupported', 'strides of 1 and 2 for "vision_config.strides"'],
    ['kernel_sizes', [3], 'model/bad-config', '2 numbers, as "in_channels" has for "vision_config.kernel_sizes"'],
    ['expand_ratios', [0, 1], 'model/bad-config', 'whole numbers from 1 for "vision_config.expand_ratios"'],
    ['pooling_type', 'sum', 'model/bad-config', '"mean" or "max" for "vision_config.pooling_type"'],
    ['hidden_act', 'mish', 'model/unsupported', 'for "vision_config.hidden_act"'],
    ['width_coefficient', 1, 'model/bad-config', '56, as many as the pictures\' channels, for "projection_dim"'],
  ])('name a wrong "%s"', async (key, value, code, message) => {
    const error = await withVision(key, { [key]: value }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('tell what they lack', async () => {
    const rename = (name: string) => (name.endsWith('blocks.0.squeeze_excite.reduce.bias') ? undefined : name);
    await expect(loadAltered('partial', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"vision_model.encoder.blocks.0.squeeze_excite.reduce.bias" is missing'),
    });
  });
});
