import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blip2Caption, blip2Retrieval } from '../../../src/models/families/blip2.ts';
import { JointQFormer } from '../../../src/models/families/joint-qformer.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

type Section = Record<string, unknown>;
let folder: string;
let config: Record<'text_config' | 'qformer_config', Section>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-blip2-'));
  config = JSON.parse(await readFile(join(FIXTURES, 'blip2_options', 'config.json'), 'utf8'));
});
afterAll(() => rm(folder, { recursive: true }));

const open = (place: string) =>
  fromCheckpoint(place, { model: 'test/blip2' }, (checkpoint) => blip2Caption(checkpoint, 'last'));
const altered = (name: string, options: Parameters<typeof alterCheckpoint>[2]) =>
  alterCheckpoint('blip2_options', join(folder, name), options);

describe('BLIP-2 against transformers', () => {
  it.each([
    ['blip2_options', 7],
    ['blip2_itm_options', 5],
  ])('%s', async (name, outputs) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(outputs);
    }
  });
});

describe('BLIP-2', () => {
  it('ignores a repeated head', async () => {
    const place = await altered('repeated', { add: { 'language_model.lm_head.weight': f32([1], [0]) } });
    expect((await open(place)).placeholder).toBe(4);
  });

  it('reads the placeholder by its newer name', async () => {
    const place = await altered('newer', { config: { image_token_index: undefined, image_token_id: 9 } });
    expect((await open(place)).placeholder).toBe(9);
  });

  it('does not support other language models, and says so', async () => {
    const place = await altered('t5', { config: { text_config: { ...config.text_config, model_type: 't5' } } });
    await expect(open(place)).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('"text_config.model_type"'),
    });
  });

  it('refuses queries that do not read rows as wide as those of the picture', async () => {
    const place = await altered('wide', {
      config: { qformer_config: { ...config.qformer_config, encoder_hidden_size: 12 } },
    });
    await expect(open(place)).rejects.toMatchObject({ code: 'model/bad-config' });
  });

  it('reads a text as if its padding were not there', async () => {
    const place = join(FIXTURES, 'blip2_itm_options');
    const model = await fromCheckpoint(place, { model: 'test/blip2' }, async (checkpoint) => {
      const { joint, queries } = await blip2Retrieval(checkpoint);
      return JointQFormer.build(joint, queries);
    });
    const picture = Tensor.from(
      Float32Array.from({ length: 140 }, (_, index) => Math.cos(index)),
      [1, 5, 28],
    );
    const bare = (await model.run({ ids: [1, 20, 2] }, picture)).toFloats();
    const padded = (await model.run({ ids: [1, 20, 2, 0, 0], mask: [1, 1, 1, 0, 0] }, picture)).toFloats();
    for (const [index, value] of bare.entries()) expect(padded[index]).toBeCloseTo(value, 5);
  });
});
