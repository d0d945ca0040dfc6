import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStartedGeneration } from '../../../src/models/decoding/generation-config.ts';
import { PictureWriter } from '../../../src/models/families/picture-writer.ts';
import { sinusoids } from '../../../src/models/families/trocr.ts';
import { visionEncoderDecoder } from '../../../src/models/families/vision-encoder-decoder.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-pairs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, alterations: Alterations, fixture = 'ved_vit_trocr_untied') {
  const place = await alterCheckpoint(fixture, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/pair' }, async (checkpoint) =>
    PictureWriter.build(await visionEncoderDecoder(checkpoint, 'last')),
  );
}

/** config.json's section of a part with other options. */
async function section(name: 'encoder' | 'decoder', options: Record<string, unknown>) {
  const config = JSON.parse(await readFile(join(FIXTURES, 'ved_vit_trocr_untied', 'config.json'), 'utf8'));
  return { [name]: { ...config[name], ...options } };
}

describe('VisionEncoderDecoder', () => {
  const pairs = ['ved_swin_bert', 'ved_beit_roberta', 'ved_vit_trocr_untied'];
  it.each(pairs)('%s as in transformers', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(6);
    }
  });

  // Its matrices are drawn so large that rounding them alone turns the last states by more than is allowed.
  it('trocr_beit as in transformers', async () => {
    const outcomes = await runFixture('trocr_beit');
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.filter(({ status }) => status === 'passed')).toHaveLength(11);
  });

  it('ignores what tied files repeat, pools and other heads', async () => {
    const extra = { 'encoder.pooler.dense.weight': f32([1], [0]), 'encoder.embeddings.mask_token': f32([1], [0]) };
    await expect(load('extra', { add: extra })).resolves.toBeInstanceOf(PictureWriter);
  });

  it.each<[string, 'encoder' | 'decoder', Record<string, unknown>, string, string]>([
    ['an unknown encoder', 'encoder', { model_type: 'convnext' }, 'model/unsupported', 'vit, deit, beit, swin'],
    [
      'a decoder without cross-attention',
      'decoder',
      { model_type: 'distilbert' },
      'model/unsupported',
      'trocr, gpt2, bert, roberta',
    ],
    [
      'rows that the decoder is not for',
      'decoder',
      { cross_attention_hidden_size: 40 },
      'model/bad-config',
      "the encoder's rows, 24,",
    ],
  ])('refuses %s', async (name, part, options, code, message) => {
    const config = await section(part, options);
    await expect(load(name.replaceAll(' ', '-'), { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('begins and ends texts as the generation file says, else the configuration, else its decoder', async () => {
    const place = await alterCheckpoint('ved_vit_trocr_untied', join(folder, 'generation'), {
      config: { eos_token_id: undefined, decoder_start_token_id: undefined },
    });
    const read = (one: string) =>
      fromCheckpoint(one, { model: 'test/pair' }, ({ config }) =>
        readStartedGeneration(one, config, config.section('decoder')),
      );
    const { endIds, padId, startId, maxLength } = await read(place);
    expect({ padId, startId, maxLength }).toEqual({ padId: 1, startId: 2, maxLength: 20 });
    expect(endIds).toEqual((await read(join(FIXTURES, 'ved_vit_trocr_untied'))).endIds);
    expect((await read(join(FIXTURES, 'ved_vit_trocr_untied'))).startId).toBe(2);
  });
});

describe('sinusoids', () => {
  it('are sines, then cosines, and zeros for padding', () => {
    const { data, shape } = sinusoids(4, 5, 1);
    expect(shape).toEqual([4, 5]);
    expect([...data.slice(0, 5)]).toEqual([0, 0, 1, 1, 0]);
    expect([...data.slice(5, 10)]).toEqual([0, 0, 0, 0, 0]);
    expect(data[10]).toBeCloseTo(Math.sin(2), 6);
    expect(data[13]).toBeCloseTo(Math.cos(2 / 10_000), 6);
  });
});
