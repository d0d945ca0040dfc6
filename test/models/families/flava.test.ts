import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flava } from '../../../src/models/families/flava.ts';
import { FlavaCodebook } from '../../../src/models/families/flava-codes.ts';
import { Flava, MaskedFlavaImages } from '../../../src/models/families/flava-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

const FIXTURE = 'flava_pretraining_options';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-flava-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string, hfClass?: string) =>
  fromCheckpoint(place, { model: 'test/flava' }, (checkpoint) => flava(checkpoint, hfClass));

const altered = async (name: string, alterations: Alterations) =>
  load(await alterCheckpoint(FIXTURE, join(folder, name), alterations));

const section = async (name: string) =>
  JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'))[name];

const pictures = (shape: readonly number[]) => {
  const count = shape.reduce((product, side) => product * side, 1);
  return { data: Float32Array.from({ length: count }, (_, index) => Math.sin(0.37 * index)), shape };
};

describe('FLAVA against transformers', () => {
  it.each(['flava_options', FIXTURE])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(17);
    }
  });
});

describe('masked pictures', () => {
  const build = () =>
    fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/flava' }, async (checkpoint) => {
      const parts = await flava(checkpoint);
      return { whole: await Flava.build(parts), masked: await MaskedFlavaImages.build(parts) };
    });

  it('are the pictures where nothing is hidden', async () => {
    const { whole, masked } = await build();
    const seen = (await whole.image.run(pictures([2, 3, 30, 30]))).hidden!.toFloats();
    const none = await masked.run(pictures([2, 3, 30, 30]), new Array(32).fill(0));
    for (const [index, value] of none.hidden!.toFloats().entries()) expect(value).toBeCloseTo(seen[index]!, 4);
    const one = await masked.run(pictures([2, 3, 30, 30]), [1, ...new Array(31).fill(0)]);
    expect(one.hidden!.toFloats().slice(17 * 24)).toEqual(none.hidden!.toFloats().slice(17 * 24));
    expect(one.hidden!.toFloats().slice(0, 24)).not.toEqual(none.hidden!.toFloats().slice(0, 24));
    masked.release();
    whole.release();
    await expect(whole.image.run(pictures([1, 3, 30, 30]))).rejects.toMatchObject({ code: 'native/released' });
  });

  it('need a number for each patch', async () => {
    const { masked } = await build();
    for (const [shape, numbers] of [
      [[1, 3, 30, 30], 15],
      [[1, 3, 37, 30], 20],
    ] as const) {
      const failing = masked.run(pictures(shape), new Array(numbers).fill(0));
      await expect(failing).rejects.toMatchObject({
        code: 'model/bad-input',
        details: { input: 'bool_masked_pos', expected: '1 pictures of 16 patches, and as many numbers for each,' },
      });
    }
  });

  it('need a mask token', async () => {
    const image = { ...(await section('image_config')), mask_token: false };
    const rename = (name: string) => (name.endsWith('mask_token') ? undefined : name);
    const parts = await altered('no-mask-token', { config: { image_config: image }, rename });
    await expect(MaskedFlavaImages.build(parts)).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('a mask token for pictures'),
    });
  });
});

describe('the codebook', () => {
  it('refuses other channels and pictures that are halved to nothing', async () => {
    const codebook = await fromCheckpoint(join(FIXTURES, FIXTURE), { model: 'test/flava' }, async (checkpoint) =>
      FlavaCodebook.build((await flava(checkpoint)).codebook!),
    );
    for (const shape of [
      [1, 1, 16, 16],
      [1, 3, 7, 16],
    ]) {
      const failing = codebook.codes(pictures(shape));
      await expect(failing).rejects.toMatchObject({
        code: 'model/bad-input',
        details: { input: 'codebook_pixel_values', expected: 'float32 [batch x 3 x at least 8 x at least 8]' },
      });
    }
    // What is left over when halving is left out.
    expect((await codebook.codes(pictures([1, 3, 15, 18]))).shape).toEqual([1, 1, 2]);
    codebook.release();
    await expect(codebook.run(pictures([1, 3, 8, 8]))).rejects.toMatchObject({ code: 'native/released' });
  });
});

describe('FLAVA checkpoints', () => {
  it('of pretraining are read as the bare model too', async () => {
    const parts = await load(join(FIXTURES, FIXTURE), 'FlavaModel');
    expect(parts.heads).toEqual({});
    expect(parts.codebook).toBeUndefined();
    const whole = await load(join(FIXTURES, FIXTURE));
    expect(Object.keys(whole.heads).sort()).toEqual(['itm', 'mim', 'mlm', 'mmm_image', 'mmm_text']);
  });

  it('may name the biases of decoders either way, or both', async () => {
    const rename = (name: string) => name.replace('mlm_head.decoder.bias', 'mlm_head.bias');
    const both = { 'mim_head.bias': f32([14], new Array(14).fill(0)) };
    await altered('biases', { rename, add: both });
  });

  it('may leave the codebook out', async () => {
    const rename = (name: string) => (name.startsWith('image_codebook') ? undefined : name);
    expect((await altered('bare', { config: { init_codebook: false }, rename })).codebook).toBeUndefined();
    await expect(altered('missing', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"image_codebook.blocks.input.weight" is missing'),
    });
  });

  it('name what does not fit', async () => {
    await expect(altered('head-width', { config: { hidden_size: 20 } })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('the multimodal transformer\'s, 24, for "hidden_size" of config.json'),
    });
    const codebook = { ...(await section('image_codebook_config')), hidden_size: 6 };
    await expect(altered('odd-codebook', { config: { image_codebook_config: codebook } })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('a multiple of 4 for "image_codebook_config.hidden_size"'),
    });
    await expect(load(join(FIXTURES, FIXTURE), 'FlavaImageModel')).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('one of FlavaModel, FlavaForPreTraining'),
    });
  });
});
